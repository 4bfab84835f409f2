"""Every signal, hard rule and default outcome, URI by URI, with an empty policy."""

from __future__ import annotations

import pytest

from server.protocol.errors import InvalidRedirectUri
from server.trust import Reason, TrustPolicy, evaluate, target_of
from tests.unit.trust.places import CLIENTS, HISTORIES, NOW, facts

# Short names, since there are many lines.
NAMES = {
    "adm": "registered_by_admin", "dyn": "registered_dynamically", "self": "self_declared", "est": "established",
    "new": "newly_seen", "few": "few_users", "rep": "reported", "dec": "often_declined",
    "differs": "host_differs_from_client", "shared": "shared_hosting", "short": "shortener_or_redirector",
    "ip": "ip_literal", "port": "unusual_port", "deep": "deep_subdomain", "idn": "internationalized",
    "mixed": "mixed_script", "like": "lookalike", "loop": "loopback", "name": "localhost_name",
    "scheme": "private_use_scheme", "odd": "scheme_not_reverse_domain",
}  # fmt: skip

# URI, client, history, what is raised, what happens.
PLACES = """
https://app.example/cb                       admin unseen      adm,new,few                 trust
https://app.example/cb                       promoted unseen   adm,new,few                 trust
https://app.example/cb                       admin established adm,est                     trust
https://app.example:8443/cb                  admin unseen      adm,new,few,port            trust
https://203.0.113.7/cb                       admin unseen      adm,new,few,ip              trust
https://app.vercel.app/cb                    admin unseen      adm,new,few,shared          trust
https://xn--bcher-kva.example/cb             admin unseen      adm,new,few,idn             trust
https://xn--pple-43d.example/cb              admin unseen      adm,new,few,idn,mixed       trust
http://127.0.0.1/cb                          admin unseen      adm,loop                    trust
http://127.0.0.1:49152/cb                    admin unseen      adm,loop                    trust
http://localhost:3000/cb                     admin unseen      adm,loop,name               trust
http://[::1]:3000/cb                         admin unseen      adm,loop                    trust
com.example.app:/cb                          admin unseen      adm,scheme                  trust
myapp://cb                                   admin unseen      adm,scheme,odd              trust
https://bit.ly/x                             admin unseen      adm,new,few,short           trust
https://app.example/cb                       admin both        adm,rep,dec             trust
https://app.example/cb                       cimd unseen       self,new,few                confirm
https://app.example/cb                       cimd new          self,new                    confirm
https://app.example/cb                       cimd few          self,few                    confirm
https://app.example/cb                       cimd established  self,est                    trust
https://app.example/cb                       cimd four         self,few                    confirm
https://app.example/cb                       cimd reported     self,rep                confirm
https://app.example/cb                       cimd declined     self,dec                confirm
https://app.example/cb                       cimd both         self,rep,dec            confirm
https://www.app.example/cb                   cimd unseen       self,new,few                confirm
https://APP.EXAMPLE/cb                       cimd unseen       self,new,few                confirm
https://app.example:443/cb                   cimd unseen       self,new,few                confirm
https://app.example:8443/cb                  cimd unseen       self,new,few,port           confirm
https://other.example/cb                     cimd unseen       self,new,few,differs        confirm
https://other.example/cb                     cimd established  self,est,differs            trust
https://a.b.c.app.example/cb                 cimd unseen       self,new,few                confirm
https://a.b.c.d.app.example/cb               cimd unseen       self,new,few,deep           confirm
https://a.b.c.d.e.f.app.example/cb           cimd established  self,est,deep               trust
http://127.0.0.1/cb                          cimd unseen       self,loop                   confirm
http://127.0.0.1:1/cb                        cimd established  self,loop                   confirm
http://[::1]/cb                              cimd unseen       self,loop                   confirm
http://localhost/cb                          cimd unseen       self,loop,name              confirm
https://localhost/cb                         cimd unseen       self,loop,name              confirm
https://127.0.0.1:8443/cb                    cimd unseen       self,loop                   confirm
com.example.app:/oauth2redirect              cimd unseen       self,scheme                 confirm
example:/cb                                  cimd unseen       self,scheme,odd             confirm
https://app.example/cb                       dcr unseen        dyn,new,few                 confirm
https://app.example/cb                       dcr new           dyn,new                     confirm
https://app.example/cb                       dcr few           dyn,few                     confirm
https://app.example/cb                       dcr established   dyn,est                     trust
https://app.example/cb                       dcr reported      dyn,rep                 confirm
https://app.example/cb                       dcr declined      dyn,dec                 confirm
https://app.example/cb                       dcr both          dyn,rep,dec             confirm
https://app.example/cb                       dcr four          dyn,few                     confirm
https://app.example:8443/cb                  dcr unseen        dyn,new,few,port            confirm
https://app.example:80/cb                    dcr unseen        dyn,new,few                 confirm
https://a.b.c.d.app.example/cb               dcr unseen        dyn,new,few,deep            confirm
https://a.b.c.d.app.example:8443/cb          dcr unseen        dyn,new,few,deep,port       hold
https://app.co.uk/cb                         dcr unseen        dyn,new,few                 confirm
https://a.b.c.app.co.uk/cb                   dcr unseen        dyn,new,few                 confirm
https://a.b.c.d.app.co.uk/cb                 dcr unseen        dyn,new,few,deep            confirm
https://under_score.example/cb               dcr unseen        dyn,new,few                 confirm
https://claude.ai/api/mcp/auth_callback      dcr unseen        dyn,new,few                 confirm
https://chatgpt.com/connector_platform_oauth_redirect dcr unseen dyn,new,few               confirm
https://vscode.dev/redirect                  dcr unseen        dyn,new,few                 confirm
https://insiders.vscode.dev/redirect         dcr unseen        dyn,new,few                 confirm
https://acme.test/cb                         dcr unseen        dyn,new,few                 confirm
https://auth.acme.test/cb                    dcr unseen        dyn,new,few                 confirm
http://127.0.0.1/cb                          dcr unseen        dyn,loop                    confirm
http://127.0.0.1:33418/                      dcr unseen        dyn,loop                    confirm
http://127.0.0.1:6274/oauth/callback         dcr established   dyn,loop                    confirm
http://localhost:3334/oauth/callback         dcr unseen        dyn,loop,name               confirm
http://[::1]:8080/cb?x=y                     dcr unseen        dyn,loop                    confirm
http://LOCALHOST/cb                          dcr unseen        dyn,loop,name               confirm
com.example.app:/cb                          dcr unseen        dyn,scheme                  confirm
com.example.app://cb                         dcr established   dyn,scheme                  confirm
cursor://anysphere.cursor-mcp/oauth/callback dcr unseen        dyn,scheme,odd              confirm
vscode://vscode.microsoft-authentication     dcr unseen        dyn,scheme,odd              confirm
nothing.like-it:/cb                          dcr unseen        dyn,scheme,odd              confirm
uk.co.example:/cb                            dcr unseen        dyn,scheme                  confirm
uk.co:/cb                                    dcr unseen        dyn,scheme,odd              confirm
com.:/cb                                     dcr unseen        dyn,scheme,odd              confirm
https://phish.github.io/cb                   dcr unseen        dyn,new,few,shared          hold
https://phish.vercel.app/cb                  dcr unseen        dyn,new,few,shared          hold
https://phish.netlify.app/cb                 dcr unseen        dyn,new,few,shared          hold
https://phish.pages.dev/cb                   dcr unseen        dyn,new,few,shared          hold
https://phish.workers.dev/cb                 dcr unseen        dyn,new,few,shared          hold
https://phish.web.app/cb                     dcr unseen        dyn,new,few,shared          hold
https://phish.firebaseapp.com/cb             dcr unseen        dyn,new,few,shared          hold
https://phish.herokuapp.com/cb               dcr unseen        dyn,new,few,shared          hold
https://phish.azurewebsites.net/cb           dcr unseen        dyn,new,few,shared          hold
https://phish.s3.amazonaws.com/cb            dcr unseen        dyn,new,few,shared          hold
https://phish.blogspot.com/cb                dcr unseen        dyn,new,few,shared          hold
https://phish.ngrok.app/cb                   dcr unseen        dyn,new,few,shared          hold
https://vercel.app/cb                        dcr unseen        dyn,new,few,shared          hold
https://a.phish.github.io/cb                 dcr new           dyn,new,shared              hold
https://phish.github.io/cb                   dcr few           dyn,few,shared              hold
https://phish.github.io/cb                   dcr established   dyn,est,shared              confirm
https://phish.github.io/cb                   cimd unseen       self,new,few,differs,shared hold
https://github.io.example/cb                 dcr unseen        dyn,new,few                 confirm
https://githubio.example/cb                  dcr unseen        dyn,new,few                 confirm
https://203.0.113.7/cb                       dcr unseen        dyn,new,few,ip              hold
https://203.0.113.7:8443/cb                  dcr unseen        dyn,new,few,ip,port         hold
https://10.0.0.1/cb                          dcr unseen        dyn,new,few,ip              hold
https://127.0.0.2/cb                         dcr unseen        dyn,new,few,ip              hold
https://[2001:db8::7]/cb                     dcr unseen        dyn,new,few,ip              hold
https://[::2]/cb                             dcr new           dyn,new,ip                  hold
https://203.0.113.7/cb                       cimd unseen       self,new,few,differs,ip     hold
https://bit.ly/x                             dcr unseen        dyn,new,few,short           hold
https://bit.ly/x                             dcr established   dyn,short                   confirm
https://t.co/x                               dcr unseen        dyn,new,few,short           hold
https://tinyurl.com/x                        dcr unseen        dyn,new,few,short           hold
https://www.tinyurl.com/x                    dcr unseen        dyn,new,few,short           hold
https://goo.gl/x                             dcr unseen        dyn,new,few,short           hold
https://lnkd.in/x                            dcr unseen        dyn,new,few,short           hold
https://aka.ms/x                             dcr unseen        dyn,new,few,short           hold
https://l.facebook.com/l.php?u=x             dcr unseen        dyn,new,few,short           hold
https://facebook.com/cb                      dcr unseen        dyn,new,few                 confirm
https://nam02.safelinks.protection.outlook.com/?url=x dcr unseen dyn,new,few,short         hold
https://bit.ly.example/x                     dcr unseen        dyn,new,few                 confirm
https://rabbit.ly/x                          dcr unseen        dyn,new,few                 confirm
https://xn--bcher-kva.example/cb             dcr unseen        dyn,new,few,idn             confirm
https://xn--bcher-kva.example/cb             dcr established   dyn,est,idn                 trust
https://xn--80aswg.xn--p1ai/cb               dcr unseen        dyn,new,few,idn             confirm
https://xn--fsq.example/cb                   dcr unseen        dyn,new,few,idn             confirm
https://xn--wgv71a119e.jp/cb                 dcr unseen        dyn,new,few,idn             confirm
https://xn--pple-43d.example/cb              dcr unseen        dyn,new,few,idn,mixed       hold
https://xn--pple-43d.example/cb              dcr established   dyn,idn,mixed               hold
https://xn--pple-43d.example/cb              cimd established  self,idn,mixed,differs      hold
https://xn--pple-43d.com/cb                  dcr unseen        dyn,new,few,idn,mixed,like  hold
https://xn--80ak6aa92e.com/cb                dcr unseen        dyn,new,few,idn,like        hold
https://login.xn--80ak6aa92e.com/cb          dcr unseen        dyn,new,few,idn,like        hold
https://xn--ggle-0nda.com/cb                 cimd unseen       self,new,few,idn,mixed,like,differs hold
https://paypa1.com/cb                        dcr unseen        dyn,new,few,like            hold
https://www.paypa1.com/cb                    dcr unseen        dyn,new,few,like            hold
https://rnicrosoft.com/cb                    dcr unseen        dyn,new,few,like            hold
https://gooogle.com/cb                       dcr unseen        dyn,new,few,like            hold
https://gogle.com/cb                         dcr unseen        dyn,new,few,like            hold
https://googla.com/cb                        dcr unseen        dyn,new,few,like            hold
https://g00gle.com/cb                        dcr unseen        dyn,new,few,like            hold
https://claude.al/cb                         dcr unseen        dyn,new,few,like            hold
https://claud.ai/cb                          dcr unseen        dyn,new,few,like            hold
https://githud.com/cb                        dcr unseen        dyn,new,few,like            hold
https://paypa1.com/cb                        dcr established   dyn,like                    hold
https://paypa1.com/cb                        cimd established  self,like,differs           hold
https://acne.test/cb                         dcr unseen        dyn,new,few,like            hold
https://acme.tests/cb                        dcr unseen        dyn,new,few,like            hold
https://acmee.test/cb                        dcr established   dyn,like                    hold
https://acme-bamk.test/cb                    dcr unseen        dyn,new,few,like            hold
https://acmebank.test/cb                     dcr unseen        dyn,new,few,like            hold
https://ackne.test/cb                        dcr unseen        dyn,new,few                 confirm
https://acme.test.example/cb                 dcr unseen        dyn,new,few                 confirm
https://google.com/cb                        dcr unseen        dyn,new,few                 confirm
https://googlers.example/cb                  dcr unseen        dyn,new,few                 confirm
https://y.com/cb                             dcr unseen        dyn,new,few                 confirm
"""  # fmt: skip
ROWS = [tuple(line.split()) for line in PLACES.strip().splitlines()]

BROKEN_PLACES = """
/cb
cb
//app.example/cb
https:app.example
https:///cb
https://
https://app.example/cb#fragment
https://app.example/cb#
https://user@app.example/cb
https://user:password@app.example/cb
https://@app.example/cb
https://app.example\\@evil.test/cb
https://*.app.example/cb
https://app.example/*
https://app.example/%00
https://app.example/%0d%0a
https://b\u00fccher.example/cb
https://app.example/\u00e9
https://app.example./cb
https://app..example/cb
https://app.example:0/cb
https://app.example:65536/cb
https://app.example:/cb
https://127.1/cb
https://0x7f000001/cb
https://2130706433/cb
https://[::ffff:127.0.0.1]/cb
https://[0:0:0:0:0:0:0:1]/cb
http://app.example/cb
http://127.0.0.2/cb
http://127.0.0.1.evil.test/cb
http://localhost.evil.test/cb
http://evil.test/?127.0.0.1
http://[::2]/cb
http://localhost@evil.test/cb
javascript:alert(1)
JavaScript:alert(1)
data:text/html,x
vbscript:x
file:///etc/passwd
blob:https://app.example/x
about:blank
ws://app.example/
wss://app.example/
view-source:https://app.example/
filesystem:https://app.example/
chrome://settings
intent://x
mailto:a@app.example
tel:1
c:/windows
app:
app://user@x/
"""
BROKEN = BROKEN_PLACES.split()


def test_there_are_enough_of_them() -> None:
    assert len({row[0] for row in ROWS}) + len(BROKEN) >= 150
    raised = {NAMES[name] for row in ROWS for name in row[3].split(",")}
    assert len(raised) == len(NAMES)


@pytest.mark.parametrize(("uri", "client", "history", "signals", "action"), ROWS)
def test_place(uri: str, client: str, history: str, signals: str, action: str) -> None:
    gathered = facts(uri, CLIENTS[client], HISTORIES[history])
    decision = evaluate(gathered, TrustPolicy(), 3, NOW)
    assert {hit.signal.value for hit in decision.signals} == {NAMES[name] for name in signals.split(",")}
    assert (decision.action.value, decision.reason, decision.policy_version) == (action, Reason.SCORE, 3)
    assert decision.rule is None


@pytest.mark.parametrize("uri", BROKEN)
def test_hard_rules_block_whatever_the_policy(uri: str) -> None:
    with pytest.raises(InvalidRedirectUri):
        target_of(uri)
