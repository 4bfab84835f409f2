"""Reading a page the way a program that fills in forms does: its forms, its marks, its links."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

from typing_extensions import override

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
TYPED_IN = frozenset({"text", "email", "password", "tel", "search", "url", "number"})
SILENT = frozenset({"script", "style", "template"})


@dataclass(frozen=True, slots=True)
class Control:
    """One input or button of a form."""

    kind: str  # the type attribute; "submit" for a button
    name: str
    value: str
    checked: bool = False
    disabled: bool = False


@dataclass(slots=True)
class Form:
    """One form: where it goes, which step it is, and its controls in order."""

    action: str
    method: str
    step: str | None
    controls: list[Control] = field(default_factory=list)

    def names(self) -> set[str]:
        """Every name that a control has."""
        return {control.name for control in self.controls if control.name}

    def values(self, name: str) -> list[str]:
        """The values of every control of that name."""
        return [control.value for control in self.controls if control.name == name]

    def hidden(self) -> list[tuple[str, str]]:
        """What has to be sent back as it came."""
        return [(c.name, c.value) for c in self.controls if c.kind == "hidden" and c.name and not c.disabled]

    def filled(
        self, fields: dict[str, str | list[str]] | None = None, button: tuple[str, str] | None = None
    ) -> list[tuple[str, str]]:
        """What a browser would send: hidden fields, what is typed or ticked, and the button that was pressed.

        `fields` replaces typed text, and ticks exactly the named values of a group of checkboxes.
        """
        given = fields or {}
        sent = self.hidden()
        for control in self.controls:
            if control.disabled or not control.name or control.kind in {"hidden", "submit"}:
                continue
            chosen = given.get(control.name)
            if control.kind in {"checkbox", "radio"}:
                if control.checked if chosen is None else control.value in chosen:
                    sent.append((control.name, control.value))
            else:
                sent.append((control.name, control.value if chosen is None else str(chosen)))
        return [*sent, button] if button else sent


@dataclass(slots=True)
class Document:
    """What a program sees of a page."""

    language: str = ""
    title: str = ""
    text: str = ""
    main: dict[str, str] = field(default_factory=dict)  # attributes of <main>
    forms: list[Form] = field(default_factory=list)
    links: list[dict[str, str]] = field(default_factory=list)  # attributes of each <a>

    def form(self, step: str | None = None) -> Form:
        """The form of a step; without one, the form that has a step at all."""
        for form in self.forms:
            if form.step is not None and step in {None, form.step}:
                return form
        message = (
            f"no form for step {step!r} among {[form.step for form in self.forms]} on {self.title!r}: {self.text[:400]}"
        )
        raise LookupError(message)

    @property
    def step(self) -> str | None:
        """The step that this page is at, by its form or by <main>."""
        steps = [form.step for form in self.forms if form.step]
        return steps[0] if steps else self.main.get("data-step")

    @property
    def error(self) -> str | None:
        """The OAuth error code of an error page."""
        return self.main.get("data-error")

    @property
    def continue_uri(self) -> str | None:
        """Where the person may still choose to go on."""
        return next((link.get("href") for link in self.links if "data-continue" in link), None)


def read_document(html: str) -> Document:
    """Parse a page."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.document.text = " ".join(" ".join(reader.words).split())
    reader.document.title = " ".join(reader.document.title.split())
    return reader.document


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.document = Document()
        self.words: list[str] = []
        self.stack: list[str] = []
        self.current: Form | None = None
        self.by_id: dict[str, Form] = {}
        self.chosen: str | None = None  # in the select that is open

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self.stack.append(tag)
        if tag == "html":
            self.document.language = attributes.get("lang", "")
        elif tag == "main":
            self.document.main = attributes
        elif tag == "a":
            self.document.links.append(attributes)
        elif tag == "form":
            self._begin_form(attributes)
        elif tag in {"input", "button", "select", "option"}:
            self._add_control(tag, attributes)

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.current = None
        while self.stack and self.stack.pop() != tag:
            continue

    @override
    def handle_data(self, data: str) -> None:
        if "title" in self.stack and "svg" not in self.stack:
            self.document.title += data
        elif not SILENT.intersection(self.stack):
            self.words.append(data)

    def _begin_form(self, attributes: dict[str, str]) -> None:
        self.current = Form(
            attributes.get("action", ""), attributes.get("method", "get").lower(), attributes.get("data-step")
        )
        self.document.forms.append(self.current)
        if "id" in attributes:
            self.by_id[attributes["id"]] = self.current

    def _choose(self, attributes: dict[str, str]) -> None:
        """The option that is selected counts, else the first one."""
        if self.current is None or not self.current.controls or self.current.controls[-1].kind != "select":
            return
        if self.chosen is None or "selected" in attributes:
            self.chosen = attributes.get("value", "")
            self.current.controls[-1] = replace(self.current.controls[-1], value=self.chosen)

    def _add_control(self, tag: str, attributes: dict[str, str]) -> None:
        self.chosen = None if tag == "select" else self.chosen
        if tag == "option":
            self._choose(attributes)
            return
        form = self.by_id.get(attributes["form"]) if "form" in attributes else self.current
        if form is None:
            return
        kind = attributes.get("type", {"button": "submit", "select": "select"}.get(tag, "text")).lower()
        value = attributes.get("value", "on" if kind in {"checkbox", "radio"} else "")
        form.controls.append(
            Control(kind, attributes.get("name", ""), value, "checked" in attributes, "disabled" in attributes)
        )
