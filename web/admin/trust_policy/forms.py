"""The forms of the policy: the draft in the editor with the rule that is being written, and the policy as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wtforms import HiddenField, IntegerField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import ValidationError

from server import trust
from server.kernel.clock import DAY, format_duration, parse_duration
from server.kernel.json import dump_json, load_json
from server.trust import InvalidPolicy, Signal, Thresholds, TrustPolicy
from web.admin.clients.contexts import SOURCES
from web.admin.forms import LONGEST_TEXT, VersionedForm, at_most, choices, named
from web.admin.trust_policy.ordering import find_place
from web.admin.trust_words import ACTIONS
from web.localization import mark

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from server.clients import ClientSource
    from server.kernel.json import JsonValue
    from server.trust import Action, PolicyVersion, Rule

LONGEST_HOST = 255
LONGEST_NUMBER = 10
HIGHEST_RISK = 100
LONGEST_MEMORY = 365 * DAY
NO_NUMBER = mark("Enter a whole number from 0 to 100.")
BAD_THRESHOLDS = mark("Confirm must be above 0 and not above hold, and hold not above 100.")
BAD_MEMORY = mark("Enter a duration such as 90d or 12h, 365d at most.")
BAD_DRAFT = mark("The draft cannot be read. Load the page again.")
NOT_A_RULE = mark("Choose what happens, or leave the whole rule empty.")
# What is wrong with a rule, by the field that is to blame.
WRONG = {
    "action": NOT_A_RULE,
    "host": mark("Enter a host name in ASCII, or one with *. before it: without scheme, path and port."),
    "client_id_host": mark("Enter a host name in ASCII, or one with *. before it: without scheme, path and port."),
    "scheme": mark("Enter a URI scheme in lower case, such as https."),
    "min_risk": mark("Enter a whole number from 0 to 100, not above the highest score."),
    "max_risk": NO_NUMBER,
    "note": mark("This has characters that cannot be shown."),
    "expires": mark("Enter a date such as 2027-06-30, or a time after it."),
}
SUFFIX = mark("Anybody may have a name below this suffix, so all that is below it cannot be trusted.")


def _of(words: Mapping[Action, str] | Mapping[ClientSource, str]) -> list[tuple[str, str]]:
    return [(value.value, word) for value, word in words.items()]


LOOPBACK = (("", mark("whether or not")), ("yes", mark("only this device")), ("no", mark("anything but this device")))


RULE_FIELDS = (
    "number", "action", "host", "scheme", "loopback", "client_source", "client_id_host", "signal", "min_risk",
    "max_risk", "note", "expires",
)  # fmt: skip


class EditorForm(VersionedForm):
    """A draft. Its rules are in `draft`, as JSON; the fields of a rule are those of the one that is being written."""

    confirm = IntegerField(mark("Confirm from"))
    hold = IntegerField(mark("Hold from"))
    remember = StringField(mark("Confirmations are remembered for"))
    draft = HiddenField()
    number = HiddenField()  # of the rule that is being changed; empty for a new one
    action = SelectField(mark("What happens"), choices=choices([("", mark("choose")), *_of(ACTIONS)]))
    host = StringField(mark("Host"), [at_most(LONGEST_HOST)])
    scheme = StringField(mark("Scheme"), [at_most(LONGEST_TEXT)])
    loopback = SelectField(mark("On this device"), choices=choices(LOOPBACK))
    client_source = SelectMultipleField(mark("How the client came to be known"), choices=choices(_of(SOURCES)))
    client_id_host = StringField(mark("Host of the client_id"), [at_most(LONGEST_HOST)])
    signal = SelectField(mark("Signal"), choices=[*choices([("", mark("any"))]), *named(Signal)])
    min_risk = StringField(mark("Lowest score"), [at_most(len("100"))])
    max_risk = StringField(mark("Highest score"), [at_most(len("100"))])
    note = StringField(mark("Note"), [at_most(LONGEST_TEXT)])
    expires = StringField(mark("Valid until"), [at_most(LONGEST_TEXT)])

    def validate_confirm(self, field: IntegerField) -> None:
        """Two scores in order."""
        confirm, hold = field.data, self.hold.data
        if confirm is None or hold is None or not 0 < confirm <= hold <= HIGHEST_RISK:
            raise ValidationError(BAD_THRESHOLDS)

    def validate_remember(self, field: StringField) -> None:
        """A duration."""
        try:
            remembered = parse_duration((field.data or "").strip())
        except ValueError:
            raise ValidationError(BAD_MEMORY) from None
        if remembered > LONGEST_MEMORY:
            raise ValidationError(BAD_MEMORY)

    def rules(self) -> list[Rule]:
        """The rules of the draft; raises InvalidPolicy for what no page of ours has drawn."""
        try:
            return list(trust.policy_from_json({"rules": load_json(self.draft.data or "[]")}).rules)
        except ValueError as error:
            raise InvalidPolicy(str(error)) from None

    def policy(self, rules: Sequence[Rule]) -> TrustPolicy:
        """What would be saved, once the form was validated."""
        thresholds = Thresholds(self.confirm.data or 0, self.hold.data or 0)
        return TrustPolicy(thresholds, parse_duration((self.remember.data or "").strip()), tuple(rules))

    def keep(self, rules: Sequence[Rule]) -> None:
        """Let these be the rules of the draft."""
        self.draft.data = dump_json([trust.rule_to_json(rule) for rule in rules])

    def arrange(self, rules: Sequence[Rule], order: Sequence[int]) -> list[Rule]:
        """Keep those at these places, in this order; the number of the one that is being changed goes along."""
        changed = find_place(self.number.data, len(rules))
        self.number.data = "" if changed is None or changed not in order else str(order.index(changed) + 1)
        left = [rules[place] for place in order]
        self.keep(left)
        return left

    def has_rule(self) -> bool:
        """Whether anything of a rule is typed."""
        return any(self[name].data for name in RULE_FIELDS)

    def typed_rule(self) -> Rule | None:
        """The rule that is typed; None, and its field blamed, for one that cannot be."""
        try:
            (rule,) = trust.policy_from_json({"rules": [self._typed()]}).rules
        except InvalidPolicy as error:
            field = error.why.removeprefix("rule 1: ").split()[0]
            self.blame(field if field in WRONG else None, SUFFIX if "below a suffix" in error.why else WRONG[field])
            return None
        return rule

    def write_rule(self, rule: Rule | None, number: str = "") -> None:
        """Put a rule into the fields, or empty them."""
        written = {} if rule is None else trust.rule_to_json(rule)
        for name in RULE_FIELDS:
            self[name].data = _field(written.get(name))
        self.client_source.data = list(map(str, rule.client_source)) if rule else []
        self.number.data = number

    def _typed(self) -> dict[str, JsonValue]:
        members: dict[str, JsonValue] = {
            name: (self[name].data or "").strip() or None
            for name in ("action", "host", "scheme", "client_id_host", "signal", "note", "expires")
        }
        members |= {name: _risk(self[name].data) for name in ("min_risk", "max_risk")}
        members["loopback"] = {"yes": True, "no": False}.get(self.loopback.data or "")
        members["client_source"] = list(self.client_source.data or ()) or None
        return {name: value for name, value in members.items() if value is not None}


class TextForm(VersionedForm):
    """The whole policy as YAML."""

    text = TextAreaField(mark("Policy"))


class RestoreForm(VersionedForm):
    """Nothing but the version that the administrator saw in force."""


def editor_form(version: PolicyVersion, policy: TrustPolicy) -> EditorForm:
    """The form with a policy in it, made from a version."""
    form = EditorForm(
        data={
            "version": str(version.version),
            "confirm": policy.thresholds.confirm,
            "hold": policy.thresholds.hold,
            "remember": format_duration(policy.remember_confirmations),
        }
    )
    form.keep(policy.rules)
    return form


def version_in(form: VersionedForm) -> int:
    """The version of the policy that a form was drawn for; one that there never was for nonsense."""
    return version_of_text(form.version.data)


def version_of_text(text: str | None) -> int:
    """The number of a version; one that there never was for nonsense."""
    typed = text or ""
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < LONGEST_NUMBER else -1


def _field(value: JsonValue) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _risk(text: str | None) -> JsonValue:
    typed = (text or "").strip()
    return int(typed) if typed.isascii() and typed.isdecimal() else typed or None
