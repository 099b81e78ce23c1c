"""A draft file -> the messages it can become: one, or for a template one for each rendering."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spamlint import mime
from spamlint.joined import joined
from spamlint.limits import DEFAULT_LIMITS, Limits
from spamlint.message import Message
from spamlint.source import Source, SourceSpan, Text
from spamlint.template.groups import Role
from spamlint.template.installed import is_installed, without_django
from spamlint.template.languages import NONE, RENDERED, content_type_of, language_of
from spamlint.template.rendering import Rendering
from spamlint.template.syntax import SYNTAXES
from spamlint.verdict import Finding, Verdict

if TYPE_CHECKING:
    from spamlint.template.jinja.patch import LastRendering
    from spamlint.template.outcome import Outcome
    from spamlint.template.process import RenderingProcess

_IN_ALL = "suppression/unused"
"""The rule that finds something only where it does so in every rendering: a comment may be of use in another one."""
_RANK = {"pass": 0, "warn": 1, "block": 2}


@dataclass(frozen=True, slots=True)
class Templates:
    """How templates are read."""

    language: str | None = None
    """Of every draft, "none" for no template; None: each as it looks."""
    contexts: Mapping[str, Mapping[str, Any]] | None = None
    """Name -> values; None: they are invented."""
    search_path: tuple[Path, ...] = ()
    """Folders from which templates may include; none: the folder of the template."""
    project: str | None = None
    """The module with the settings of a Django project whose code may be run; None: none is run."""


@dataclass(frozen=True, slots=True)
class Companion:
    """Another file of the mail that a draft belongs to."""

    role: Role
    source: Source

    @property
    def content_type(self) -> str:
        """What is in it."""
        return "text/html" if self.role == "html" else "text/plain"


class Drafts:
    """Makes messages of drafts. Templates are rendered in a process of its own, which ends with this object."""

    def __init__(
        self, templates: Templates | None = None, limits: Limits = DEFAULT_LIMITS, last: LastRendering | None = None
    ) -> None:
        self.templates = templates or Templates()
        self._last = last
        """What one version of a template leaves to the next, where somebody edits it."""
        self.limits = limits
        self._processes: dict[str, RenderingProcess] = {}
        self._newer: Mapping[str, bytes] = {}

    def messages(
        self,
        raw: bytes,
        name: str,
        *,
        content_type: str | None = None,
        subject: str | None = None,
        companions: Sequence[Companion] = (),
        newer: Mapping[str, bytes] | None = None,
    ) -> tuple[Message, ...]:
        """The messages that the file can become. `content_type` is that of the draft; None: as name and content say.

        `companions` are the other files of the same mail. `newer` holds files that a template may include as they will
        be, by their path with symbolic links followed.
        """
        self._newer = newer or {}
        source = Source(name, raw)
        if companions:
            beside = "\n".join(self._decoded(one.source).value for one in companions)
            kind, found = self._read(source, content_type, beside)
            shared = f"{self._decoded(source).value}\n{beside}"
            others = [(one.role, *self._read(one.source, one.content_type, shared)) for one in companions]
            return joined((kind, found), others, subject, self.limits)
        kind, found = self._read(source, content_type)
        if found[0].language == NONE:
            return (Message.draft(raw, name, content_type=kind, subject=subject, limits=self.limits),)
        pairs: list[tuple[Rendering, str | Text | None]] = [(template, subject) for template in found]
        if subject is not None and language_of("subject", subject) is not None:
            pairs = list(self._with_subjects(found, Source("subject", subject.encode("utf-8", "replace"))))
        return tuple(
            Message.draft(raw, name, content_type=kind, subject=said, limits=self.limits, template=template)
            for template, said in pairs
        )

    def _decoded(self, source: Source) -> Text:
        return mime.draft(source, "text/html", self.limits).text

    def _read(self, source: Source, content_type: str | None, beside: str = "") -> tuple[str, tuple[Rendering, ...]]:
        """The content type of one file, and what it becomes; in no language where it is no template.

        `beside` is what the other files of the mail hold: they are in the same language.
        """
        text = self._decoded(source)
        language = self.templates.language or language_of(source.name, f"{text.value}\n{beside}") or NONE
        kind = content_type or content_type_of(source.name, text.value)
        if language in SYNTAXES:
            return kind, self._made(source, language, kind)
        return kind, (Rendering(NONE, text, None, files=(text,)),)

    def _made(self, source: Source, language: str, content_type: str) -> tuple[Rendering, ...]:
        """What a template in `language` becomes: rendered where that can be, else masked."""
        if language in RENDERED:
            return self._renderings(source, language)
        if language == "django":
            return self._django(source, content_type)
        found = self._masked(source, language, content_type)
        if language == "mjml" and is_installed("mrml"):
            from spamlint.template.compiled import compiled

            made = compiled(source, self.limits, partial(self._mjml, source.name))
            return (*found, *(replace(one, shared=found[0].shared) for one in made))
        return found

    def _mjml(self, name: str, mjml: str) -> str | None:
        """The HTML that MJML becomes; None where mrml does not take it."""
        outcome = self._renderer("mjml").render(name, mjml.encode("utf-8", "replace"), (), None)
        return outcome.renderings[0].text if outcome.renderings else None

    def _django(self, source: Source, content_type: str) -> tuple[Rendering, ...]:
        """A Django template; masked where Django is not there, or cannot read it."""
        from spamlint.template.mask import unclosed
        from spamlint.template.rendering import with_notes

        masks = partial(self._masked, source, "django", content_type)
        if not is_installed("django"):
            return with_notes(masks(), without_django(source))
        found = self._renderings(source, "django")
        if found[0].masked:
            return with_notes(masks(), found[0].not_covered, found[0].problems)
        return with_notes(found, problems=unclosed(source, "django", self.limits))

    def _with_subjects(
        self, rendered: Sequence[Rendering], subject: Source
    ) -> Iterator[tuple[Rendering, str | Text | None]]:
        """Each rendering with that of its subject, a template as well, in the same context."""
        found = self._made(subject, rendered[0].language, "text/plain")
        by_context = {template.context: template for template in reversed(found)}
        for template in rendered:
            own = by_context.get(template.context, found[0])
            beside = replace(own, role="subject")
            yield replace(template, problems=(*template.problems, *own.problems), companions=(beside,)), own.text

    def _masked(self, source: Source, language: str, kind: str) -> tuple[Rendering, ...]:
        from spamlint.template.mask import masked_renderings

        found = masked_renderings(source, language, kind, self.limits)
        if self.templates.contexts is None:
            return found
        from spamlint.template.unknown import with_unknown

        problems = with_unknown(found[0], self.templates.contexts, self.limits)
        return tuple(replace(one, problems=problems) for one in found)

    def _renderings(self, source: Source, language: str) -> tuple[Rendering, ...]:
        from spamlint.template.rendering import renderings

        contexts = self.templates.contexts
        process, newer, folders = self._renderer(language), self._newer, self._folders(source, language)

        def render() -> Outcome:
            return process.render(source.name, source.data, folders, contexts, newer)

        if self._last is None or language != "jinja2":
            outcome = render()
        else:
            outcome = self._last.outcome_of(source, folders, id(contexts), newer, render)
        return renderings(source, outcome, language, invented=contexts is None)

    def _renderer(self, language: str) -> RenderingProcess:
        from spamlint.template.process import RenderingProcess

        if language not in self._processes:
            project = self.templates.project if language == "django" else None
            self._processes[language] = RenderingProcess(language, self.limits, project)
        return self._processes[language]

    def _folders(self, source: Source, language: str) -> tuple[Path, ...]:
        """The folders from which a template may include."""
        if self.templates.search_path:
            return self.templates.search_path
        path = Path(source.name)
        # Django names files as they are seen from a folder that is called so.
        above = (*path.parents, *path.absolute().parents) if language == "django" else ()
        root = next((folder for folder in above if folder.name == "templates"), None)
        return (path.parent,) if root is None else (path.parent, root)

    def problem_with_project(self) -> str | None:
        """Why the settings of the project cannot be used; None: they can."""
        if not is_installed("django"):
            return "Django is not installed"
        outcome = self._renderer("django").render("settings", b"", (), {})
        return next((f"cannot be used: {trouble.detail}" for trouble in outcome.troubles), None)

    def close(self) -> None:
        """Ends the processes that render."""
        for process in self._processes.values():
            process.close()


def worst(verdicts: Sequence[Verdict], most_places: int = DEFAULT_LIMITS.places) -> tuple[int, Verdict]:
    """The number of the worst verdict, and that verdict with what the others found besides, which costs nothing."""
    number = max(range(len(verdicts)), key=lambda one: (_RANK[verdicts[one].outcome], verdicts[one].score, -one))
    if len(verdicts) == 1:
        return number, verdicts[0]
    verdicts = _agreed(verdicts)
    chosen = verdicts[number]
    several = {rule for verdict in verdicts for rule, times in _times(verdict).items() if times > 1}

    def key(finding: Finding) -> tuple[str, str]:
        """What tells the findings of one rule apart: their words, where there are several in one message."""
        return finding.rule, finding.say().message if finding.rule in several else ""

    found = {key(finding): finding for finding in chosen.findings}
    for verdict in verdicts:
        for finding in verdict.findings if verdict is not chosen else ():
            known = found.get(key(finding))
            more = replace(finding, base_score=0, score=0) if known is None else _joined(known, finding, most_places)
            found[key(finding)] = more
    return number, replace(
        chosen,
        findings=tuple(found.values()),
        errors=tuple(dict.fromkeys(error for verdict in verdicts for error in verdict.errors)),
        not_covered=tuple(dict.fromkeys(row for verdict in verdicts for row in verdict.not_covered)),
        incomplete=any(verdict.incomplete for verdict in verdicts),
    )


def _agreed(verdicts: Sequence[Verdict]) -> Sequence[Verdict]:
    """The verdicts with those places only of `_IN_ALL` that they have in common."""
    spans = [
        {text.span for finding in verdict.findings if finding.rule == _IN_ALL for text in finding.texts if text}
        for verdict in verdicts
    ]
    if not any(spans):
        return verdicts
    common = set.intersection(*spans)
    return [replace(verdict, findings=tuple(_in_common(verdict.findings, common))) for verdict in verdicts]


def _in_common(findings: Sequence[Finding], common: set[SourceSpan]) -> Iterator[Finding]:
    for finding in findings:
        if finding.rule != _IN_ALL:
            yield finding
        elif texts := tuple(text for text in finding.texts if text is not None and text.span in common):
            yield replace(finding, texts=texts, count=len(texts))


def _times(verdict: Verdict) -> Counter[str]:
    return Counter(finding.rule for finding in verdict.findings)


def _joined(finding: Finding, other: Finding, most_places: int) -> Finding:
    """`finding` with those places of the same rule in another rendering that it has not."""
    known = {text.span for text in finding.texts if text is not None}
    new = [text for text in other.texts if text is not None and text.span not in known]
    if not new:
        return finding
    # Of more places than are kept it is not known which are the same.
    count = finding.count + len(new) if len(finding.texts) < most_places else max(finding.count, other.count)
    return replace(finding, texts=(*finding.texts, *new)[:most_places], count=count)
