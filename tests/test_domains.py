"""Domains, look-alikes, brands and providers."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spamlint.names.brands import brand_in, distinct, imitated_by, owned_by, words
from spamlint.names.domains import belong_together, is_address_literal, main_label, readable, registrable
from spamlint.names.lookalikes import is_dressed_up, mixes_scripts, one_off, plain, skeleton
from spamlint.names.providers import is_free_mail


@pytest.mark.parametrize(
    ("domain", "wanted"),
    [
        ("news.bakery.co.uk", "bakery.co.uk"),
        ("bakery.example", "bakery.example"),
        ("a.b.github.io", "b.github.io"),
        ("co.uk", "co.uk"),
        ("www.bakery.example", "bakery.example"),
        ("news.xn--bckerei-5wa.co.uk.", "xn--bckerei-5wa.co.uk"),
        ("www.bakery.xn--55qx5d.cn", "bakery.xn--55qx5d.cn"),
        ("198.51.100.7", "198.51.100.7"),
        ("localhost", "localhost"),
        ("", ""),
    ],
)
def test_what_somebody_registered(domain: str, wanted: str) -> None:
    assert registrable(domain) == wanted


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ("bakery.example", "BAKERY.example", True),
        ("bakery.example", "news.bakery.example", True),
        ("a.bakery.co.uk", "b.bakery.co.uk", True),
        ("bakery.co.uk", "butcher.co.uk", False),
        ("bakery.example", "mybakery.example", False),
        ("one.github.io", "two.github.io", False),
        ("bakery.nl", "bakery.de", False),
    ],
)
def test_which_domains_belong_together(one: str, other: str, wanted: bool) -> None:
    assert belong_together(one, other) is wanted
    assert belong_together(other, one) is wanted


def test_the_list_of_suffixes_is_loaded_only_where_it_is_needed() -> None:
    code = (
        "import sys; from spamlint.names.domains import belong_together as b;"
        "assert b('a.example', 'x.a.example') and not b('a.nl', 'b.nl');"
        "print('publicsuffixlist' in sys.modules); b('a.co.uk', 'b.co.uk'); print('publicsuffixlist' in sys.modules)"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.split() == ["False", "True"]


def test_the_label_of_an_owner() -> None:
    assert main_label("mail.bakery.co.uk") == "bakery"
    assert main_label("bakery.com") == "bakery"
    assert main_label("bakery.nl") == "bakery"
    assert main_label("bakery.tk") == main_label("bakery.shop") == main_label("localhost") == ""


def test_punycode_reads_as_it_is_meant() -> None:
    assert readable("xn--bckerei-5wa.example") == "bäckerei.example"
    assert readable("bakery.example") == "bakery.example"
    assert readable("xn--\x80.example") == "xn--\x80.example"
    assert readable("xn--" + "9" * 59) == "xn--" + "9" * 59


def test_address_literals() -> None:
    assert is_address_literal("[192.0.2.1]")
    assert is_address_literal("192.0.2.1")
    assert not is_address_literal("192.0.2.example")


def test_letters_that_look_alike() -> None:
    assert plain("РауРаl") == "paypal"
    assert plain("Ｌｉｄｌ") == plain("𝗹𝗶𝗱𝗹") == plain("lídl") == "lidl"
    assert skeleton("paypa1") == skeleton("PayPaI") == skeleton("paypal")
    assert skeleton("rnicrosoft") == skeleton("microsoft")
    assert mixes_scripts("pаypal")
    assert not mixes_scripts("пекарня")
    assert not mixes_scripts("bäckerei")
    assert not mixes_scripts("tokyo東京ラーメン")
    assert is_dressed_up("𝗹𝗶𝗱𝗹")
    assert not is_dressed_up("bäckerei")


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ("microsft", "microsoft", True),
        ("micrrosoft", "microsoft", True),
        ("micorsoft", "microsoft", True),
        ("mikrosoft", "microsoft", True),
        ("microsoft", "microsoft", False),
        ("macrosaft", "microsoft", False),
    ],
)
def test_one_letter_off(one: str, other: str, wanted: bool) -> None:
    assert one_off(one, other) is one_off(other, one) is wanted


@pytest.mark.parametrize(
    ("name", "brand", "alone"),
    [
        ("PayPal", "paypal", True),
        ("McAfee™ Security", "mcafee", True),
        ("LibertyMutualTeam", "liberty mutual", True),
        ("Co\u034finbase", "coinbase", True),
        ("Amazon in the woods", "amazon", False),
    ],
)
def test_brands_in_names(name: str, brand: str, alone: bool) -> None:
    found = brand_in(name)
    assert found is not None
    assert (found[0], found[2]) == (brand, alone)


@pytest.mark.parametrize(
    "name", ["Chevy Chase", "Ann via PayPal", "Apple pie by Ann", "Ann Bakker", "Norton Street", ""]
)
def test_names_that_claim_no_brand(name: str) -> None:
    assert brand_in(name) is None


def test_domains_of_brands() -> None:
    assert owned_by("mail.paypal.co.uk", distinct()["paypal"])
    assert owned_by("facebookmail.com", distinct()["facebook"])
    assert not owned_by("paypal.tk", distinct()["paypal"])
    assert not owned_by("paypal.mailer.example", distinct()["paypal"])
    assert not set(distinct()) & set(words())
    assert all(name.isascii() and name.isalnum() and name == name.lower() for name in (*distinct(), *words()))


@pytest.mark.parametrize(
    ("domain", "wanted"),
    [
        ("paypa1.com", ("paypal", "letters")),
        ("рауpal.com", ("paypal", "letters")),
        ("paypal-secure.example", ("paypal", "inside")),
        ("paypal.com.mailer.example", ("paypal", "front")),
        ("paypal.com", None),
        ("mail.paypal.nl", None),
        ("bakery.example", None),
        ("paypal.bakery.example", None),
        ("barclay.example", None),
        ("mail.micorsoft.example", ("microsoft", "letters")),
    ],
)
def test_domains_that_imitate(domain: str, wanted: tuple[str, str] | None) -> None:
    assert imitated_by(domain) == wanted


@pytest.mark.parametrize(
    "domain", sorted({own for owned in distinct().values() for own in owned.split() if "." in own})
)
def test_no_brand_imitates_itself(domain: str) -> None:
    assert imitated_by(domain) is None


def test_free_mail() -> None:
    assert is_free_mail("gmail.com")
    assert is_free_mail("hotmail.nl")
    assert is_free_mail("yahoo.co.uk")
    assert not is_free_mail("bakery.example")
    assert not is_free_mail("news.yahoo.com")


@given(st.text(max_size=80))
def test_nothing_raises(text: str) -> None:
    for function in (registrable, main_label, readable, is_address_literal, skeleton, mixes_scripts, is_dressed_up):
        function(text)
    for other in (brand_in, imitated_by, is_free_mail):
        other(text)
    readable("xn--" + text)
    belong_together(text, "a." + text)
