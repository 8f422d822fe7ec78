import pytest

from knowledge.smalltalk import is_small_talk


@pytest.mark.parametrize(
    "said",
    [
        "Hi!", "ok thanks", "Thank you very much!!", "how are you?", "???", "", "aaaaaa", "👍", "x", "Danke schön",
        "Guten Morgen", "¡Buenos días!", "你好", "谢谢！", "ありがとうございます", "สวัสดีครับ", "Привет", "no", "lol",
    ],
)  # fmt: skip
def test_greetings_thanks_and_noise_ask_nothing(said: str) -> None:
    assert is_small_talk(said)


@pytest.mark.parametrize(
    "said",
    [
        "hello, where is my order", "no refund?", "how much", "help", "thank you, and on Sunday?", "退货",
        "你好，可以退货吗", "test a plant", "are you open", "ok but when", "Hi hi hi hi hi hi hi", "parking",
    ],
)  # fmt: skip
def test_whoever_also_asks_something_is_heard(said: str) -> None:
    assert not is_small_talk(said)
