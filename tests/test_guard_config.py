"""The table [guard]: what it may say, and what is said of one that is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from spamlint import config as judging
from spamlint.cli.init import TEMPLATE
from spamlint.errors import ConfigError
from spamlint.guard.config import _BUDGET_KEYS, _ERROR_KEYS, _KEYS, _OVERRIDE_KEYS, _ROUTE_KEYS, load
from spamlint.guard.settings import Budget, Errors, LogSettings, OverrideSettings, Route, Settings
from spamlint.rule import Rule
from spamlint.verdict import Language, Policy, Words

WORDS: dict[Language, Words] = {"en": Words("Title", "message", "Why.", "Fix.")}
RULES = (Rule("html/stray-end-tag", "warning", 5, WORDS), Rule("subject/missing", "error", 20, WORDS))
FORGIVING = Errors("accept", "accept", "accept", "accept")


def rules_of(packs: Sequence[Path]) -> tuple[Rule, ...]:
    return RULES


def loaded(folder: Path, toml: str, name: str = "spamlint.toml") -> Settings:
    file = folder / name
    file.write_text(toml, "utf-8")
    return load(file, rules_of)


def problems(folder: Path, toml: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        loaded(folder, toml)
    prefix = f"{folder / 'spamlint.toml'}: "
    lines = str(caught.value).splitlines()
    assert all(line.startswith(prefix) for line in lines)
    return [line.removeprefix(prefix) for line in lines]


def test_without_a_table_mail_is_only_observed(tmp_path: Path) -> None:
    assert load(None) == loaded(tmp_path, "") == Settings(observed_on_error=FORGIVING)
    assert load(None, enforcement="reject") == Settings(enforcement="reject", observed_on_error=FORGIVING)


def test_every_key_has_its_effect(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("k" * 40 + "\n")
    key.chmod(0o600)
    toml = """
        block-at = 4.0
        ignore = ["html"]
        [guard]
        action = "quarantine"
        submit-networks = ["10.0.0.0/8", "2001:db8::7"]
        lang = "nl"
        workers = 3
        queue = 7
        log = "guard.log"
        log-addresses = true
        [guard.budget]
        seconds = 2.5
        memory-mb = 256
        message-mb = 10
        [guard.on-error]
        timeout = "accept"
        over-limit = "reject"
        [guard.override]
        key-file = "key"
        used-file = "used"
        hours = 2
        [[guard.routes]]
        name = "shop"
        sender = ["*@Shop.example"]
        profile = "bulk"
        ignore = []
        warn-at = 1.0
        action = "reject"
        rules = { "subject/missing" = { score = 3.0 } }
        [[guard.routes]]
        name = "news"
        recipient-domain = ["clients.example"]
        user = ["Ann"]
        header = { X-Campaign = "News*" }
        select = ["subject"]
    """
    policy = Policy(ignore=("html",), block_at=40)
    shop = Policy(profile="bulk", scores={"subject/missing": 30}, warn_at=10, block_at=40)
    news = Policy(select=("subject",), ignore=("html",), block_at=40)
    assert loaded(tmp_path, toml) == Settings(
        policy=policy,
        enforcement="quarantine",
        submit_networks=("10.0.0.0/8", "2001:db8::7"),
        workers=3,
        queue=7,
        budget=Budget(2.5, 256 * 1024 * 1024, 10 * 1024 * 1024),
        on_error=Errors("accept", "tempfail", "reject", "tempfail"),
        language="nl",
        routes=(
            Route("shop", shop, "reject", senders=("*@shop.example",)),
            Route(
                "news",
                news,
                "quarantine",
                recipient_domains=("clients.example",),
                users=("ann",),
                headers=(("X-Campaign", "news*"),),
            ),
        ),
        log=LogSettings(tmp_path / "guard.log", addresses=True),
        override=OverrideSettings(b"k" * 40, tmp_path / "used", 2),
        observed_on_error=Errors("accept", "accept", "reject", "accept"),
    )


def test_what_happens_to_mail_that_cannot_be_judged_can_be_said(tmp_path: Path) -> None:
    said = loaded(tmp_path, '[guard]\non-error = "reject"')
    assert said.on_error == said.observed_on_error == Errors("reject", "reject", "reject", "reject")
    said = loaded(tmp_path, '[guard.on-error]\nbusy = "reject"')
    assert (said.on_error, said.observed_on_error) == (Errors(busy="reject"), replace(FORGIVING, busy="reject"))
    assert loaded(tmp_path, '[guard]\naction = "reject"').on_error == Errors()


def test_pyproject_holds_the_same_table(tmp_path: Path) -> None:
    toml = '[tool.spamlint]\nlang = "nl"\n[tool.spamlint.guard]\naction = "tag"\nlog = "-"\n'
    settings = loaded(tmp_path, toml, "pyproject.toml")
    assert (settings.enforcement, settings.language, settings.log) == ("tag", "nl", LogSettings())


def test_check_takes_no_notice_of_the_table(tmp_path: Path) -> None:
    file = tmp_path / "spamlint.toml"
    file.write_text('[guard]\nacton = 1\n[[guard.routes]]\nprofil = "x"\n')
    assert judging.load(file, rules_of)[0].policy == Policy()


def test_what_init_writes_can_be_used(tmp_path: Path) -> None:
    body = TEMPLATE[TEMPLATE.index("#[guard]") :]
    toml = "\n".join(
        line[1:] if not line.startswith("# ") else line for line in body.splitlines() if "log =" not in line
    )
    settings = loaded(tmp_path, toml)
    assert (settings.enforcement, [route.name for route in settings.routes]) == ("observe", ["newsletters"])


ROUTE = '[[guard.routes]]\nname = "a"\nuser = ["a"]\n'


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("guard = 1", "guard: must be a table"),
        ('[guard]\nacton = "tag"', "guard.acton: unknown key, did you mean 'action'?"),
        (
            '[guard]\naction = "rejct"',
            "guard.action: must be one of observe, tag, quarantine, reject, not 'rejct', did",
        ),
        (
            '[guard]\nsubmit-networks = ["10.0.0.1/8"]',
            "guard.submit-networks: 10.0.0.1/8 has host bits set: write it as",
        ),
        ('[guard]\nsubmit-networks = ["office"]', "guard.submit-networks: 'office' does not appear to be"),
        ("[guard]\nworkers = -1", "guard.workers: must be a whole number from 0 to 1000, not -1"),
        ("[guard]\nworkers = 1.5", "guard.workers: must be a int, not 1.5"),
        ("[guard]\nworkers = true", "guard.workers: must be a int, not True"),
        ("[guard]\nqueue = 1000000", "guard.queue: must be a whole number from 0 to 100000"),
        ("[guard.budget]\nsecond = 1", "guard.budget.second: unknown key, did you mean 'seconds'?"),
        ("[guard.budget]\nseconds = 0", "guard.budget.seconds: must be a number from 0.1 to 280.0, not 0"),
        ("[guard.budget]\nseconds = nan", "guard.budget.seconds: must be a number"),
        ("[guard.budget]\nmemory-mb = 1", "guard.budget.memory-mb: must be a whole number from 64"),
        ('[guard]\non-error = "defer"', "guard.on-error: must be one of accept, tempfail, reject, not 'defer'"),
        ('[guard.on-error]\ntimeouts = "accept"', "guard.on-error.timeouts: unknown key, did you mean 'timeout'?"),
        ('[guard]\nlog = "no/where.log"', "guard.log: "),
        ('[guard]\nlog-addresses = "yes"', "guard.log-addresses: must be a bool"),
        ("[guard.override]", "guard.override.key-file: is missing or empty"),
        ('[guard.override]\nkey-file = "nokey"', "guard.override.key-file: "),
        ('[[guard.routes]]\nuser = ["a"]', "guard.routes[0].name: is missing or empty"),
        (
            '[[guard.routes]]\nname = "a"',
            "guard.routes[0]: needs a condition: sender, recipient-domain, user or header",
        ),
        (f"{ROUTE}{ROUTE}", "guard.routes[1].name: 'a' is taken"),
        ('[[guard.routes]]\nname = "default"\nuser = ["a"]', "guard.routes[0].name: 'default' is taken"),
        (f'{ROUTE}senders = ["a"]', "guard.routes[0].senders: unknown key, did you mean 'sender'?"),
        (f"{ROUTE}sender = []", "guard.routes[0].sender: is empty"),
        (f'{ROUTE}recipient-domain = ["a@b.example"]', "guard.routes[0].recipient-domain: 'a@b.example' is an address"),
        (f"{ROUTE}header = {{ x = 1 }}", "guard.routes[0].header: x needs a glob"),
        (f'{ROUTE}header = {{ "x y" = "1" }}', "guard.routes[0].header: 'x y' is no name"),
        (f"{ROUTE}header = {{}}", "guard.routes[0].header: is empty"),
        (f'{ROUTE}profile = "bulky"', "guard.routes[0].profile: must be one of"),
        (f'{ROUTE}ignore = ["htm"]', "guard.routes[0].ignore: 'htm' is no rule"),
        (f"{ROUTE}block-at = 1.0", "guard.routes[0].warn-at: 2.0 is more than block-at, 1.0"),
        (f'{ROUTE}rules = {{ "a/b" = {{}} }}', 'guard.routes[0].rules."a/b": there is no such rule'),
    ],
)
def test_what_is_wrong_is_told_with_key_and_reason(tmp_path: Path, toml: str, said: str) -> None:
    (problem,) = problems(tmp_path, toml)
    assert problem.startswith(said)


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    found = problems(
        tmp_path, 'profil = 1\n[guard]\naction = 1\nnonsense = 1\n[[guard.routes]]\nname = "x"\naction = 2'
    )
    keys = {problem.partition(":")[0] for problem in found}
    assert keys == {"profil", "guard.action", "guard.nonsense", "guard.routes[0].action", "guard.routes[0]"}


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("k" * 40)
    key.chmod(0o644)
    (problem,) = problems(tmp_path, '[guard.override]\nkey-file = "key"')
    assert problem.startswith("guard.override.key-file: ")
    assert "others can read or change it (its mode is 644): chmod 640 or 600" in problem


def test_every_key_is_in_the_documentation() -> None:
    page = (Path(__file__).parent.parent / "docs" / "guard.md").read_text("utf-8")
    inner = {"budget": _BUDGET_KEYS, "override": _OVERRIDE_KEYS}
    named = {key for key in _KEYS if key not in {*inner, "routes"}} | {*_ROUTE_KEYS, *_ERROR_KEYS}
    named |= {f"{table}.{key}" for table, keys in inner.items() for key in keys}
    assert [key for key in sorted(named) if f"`{key}`" not in page] == []
