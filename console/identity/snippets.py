"""What a site's own server runs to vouch for whom it has signed in, in the languages that sites are written in."""

from typing import Final, NamedTuple


class Snippet(NamedTuple):
    language: str
    code: str


CALL: Final = """<script>
  window.Frontdesk = window.Frontdesk || function () { (Frontdesk.q = Frontdesk.q || []).push(arguments) };
  Frontdesk('identify', { token: 'THE TOKEN' });
</script>"""

SNIPPETS: Final = (
    Snippet(
        "Python",
        """import os, time, jwt  # pip install pyjwt

def frontdesk_token(user):
    claims = {"sub": str(user.id), "name": user.name, "email": user.email}
    claims |= {"aud": "frontdesk", "exp": int(time.time()) + 600}
    return jwt.encode(claims, os.environ["FRONTDESK_SECRET"], algorithm="HS256")
""",
    ),
    Snippet(
        "Node.js",
        """import jwt from 'jsonwebtoken'; // npm install jsonwebtoken

export const frontdeskToken = (user) =>
  jwt.sign({ name: user.name, email: user.email }, process.env.FRONTDESK_SECRET, {
    subject: String(user.id), audience: 'frontdesk', expiresIn: '10m', algorithm: 'HS256',
  });
""",
    ),
    Snippet(
        "PHP",
        """use Firebase\\JWT\\JWT; // composer require firebase/php-jwt

function frontdesk_token($user) {
    $claims = ['sub' => (string) $user->id, 'name' => $user->name, 'email' => $user->email];
    $claims += ['aud' => 'frontdesk', 'exp' => time() + 600];
    return JWT::encode($claims, getenv('FRONTDESK_SECRET'), 'HS256');
}
""",
    ),
    Snippet(
        "Ruby",
        """require 'jwt' # gem install jwt

def frontdesk_token(user)
  claims = { sub: user.id.to_s, name: user.name, email: user.email }
  claims.merge!(aud: 'frontdesk', exp: Time.now.to_i + 600)
  JWT.encode(claims, ENV.fetch('FRONTDESK_SECRET'), 'HS256')
end
""",
    ),
    Snippet(
        "Without a library",
        """# An HMAC of the user's id, in any language; name and e-mail address are then shown as unverified.
import hashlib, hmac, os

def frontdesk_hash(user):
    return hmac.new(os.environ["FRONTDESK_SECRET"].encode(), str(user.id).encode(), hashlib.sha256).hexdigest()

# Frontdesk('identify', { userId: '…', hash: '…', name: '…', email: '…' })
""",
    ),
)
