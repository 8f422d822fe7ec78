"""What the figures of an evaluation mean, said once: for ``frontdesk evaluate --help``, its table and the page."""

MEANINGS = {
    "accuracy_at_1": "of the questions in scope: the right entry comes first, however sure",
    "accuracy_at_3": "of the questions in scope: the right entry is among the first three",
    "auroc": "chance that the best score of a question in scope is above that of one out of scope",
    "answered": "of the questions in scope: answered from the right entry (sure, or by the model grounded in it)",
    "wrong": "of the questions in scope: answered from a wrong entry",
    "declined": "of the questions in scope: 'I don't know'; answered + wrong + declined = 1",
    "refused": "of the questions out of scope: 'I don't know'; the rest is let through",
    "sure_answered": "of the questions in scope: answered right straight from the FAQ, with no model",
    "sure_wrong": "of the questions in scope: answered wrong straight from the FAQ",
    "calibration_error": "mean distance between confidence and the share that was right, in 10 bins",
    "p50_ms": "milliseconds of processor time to rank and judge one question, median",
    "p99_ms": "the same, of the slowest hundredth",
}
