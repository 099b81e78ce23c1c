"""Placeholders of each template system that are found, and what only looks like one."""

from __future__ import annotations

import html

import pytest

from spamlint import ruleset
from spamlint.linter import Linter
from spamlint.message import Message
from spamlint.verdict import Finding, Policy

RULES = [rule for rule in ruleset.load() if rule.topic in {"leftovers", "text"}]
LINTER = Linter(rules=RULES)
HEAD = "From: Ann Bakker <ann@bakery.example>\r\nTo: Bo <bo@clients.example>\r\nMIME-Version: 1.0\r\n"

PLACEHOLDERS = {
    "Jinja": "{{ user.name|title }}",
    "Jinja block": "{% if user.is_new -%}",
    "Jinja comment": "{# ask Bo #}",
    "Django filter": '{{ name|default:"friend" }}',
    "Django tag": "{% url 'profile' user.id %}",
    "Liquid": "{{ customer.first_name | default: 'friend' }}",
    "Handlebars": "{{firstName}}",
    "Handlebars unescaped": "{{{body}}}",
    "Handlebars block": "{{#each orders}}",
    "Handlebars end": "{{/each}}",
    "Mustache inverted": "{{^items}}",
    "Mustache partial": "{{> footer}}",
    "Handlebars comment": "{{! todo }}",
    "Twig": "{{ 'welcome'|trans }}",
    "Go": "{{.Name}}",
    "Go range": "{{range .Items}}",
    "Brevo": "{{ contact.FIRSTNAME }}",
    "HubSpot": "{{ contact.firstname }}",
    "Klaviyo": "{{ first_name|default:'there' }}",
    "Klaviyo unsubscribe": "{% unsubscribe %}",
    "Postmark": "{{{ pm:unsubscribe }}}",
    "ERB": "<%= @user.name %>",
    "ERB code": "<% if paid %>",
    "EJS": "<%- name %>",
    "JSP": "<%= request.getParameter(name) %>",
    "JSP expression language": "${user.name}",
    "Java properties": "${first-name}",
    "JavaScript": "${order.items[0].title}",
    "FreeMarker": "${name!'friend'}",
    "FreeMarker directive": "<#if paid>",
    "FreeMarker end": "</#if>",
    "Velocity": "$!{customer.name}",
    "Velocity quiet": "$!customer.name",
    "Ruby": "#{order.total}",
    "PHP": "<?php echo $name; ?>",
    "PHP short": "<?= $name ?>",
    "Mailchimp": "*|FNAME|*",
    "Mailchimp block": "*|IF:COUPON|*",
    "Mailchimp list": "*|LIST:ADDRESS|*",
    "Campaign Monitor": "[firstname,fallback=friend]",
    "Salesforce Marketing Cloud": "%%First Name%%",
    "Salesforce AMPscript": "%%=v(@name)=%%",
    "Salesforce": "{!Contact.FirstName}",
    "ActiveCampaign": "%FIRSTNAME%",
    "ActiveCampaign footer": "%SENDER-INFO-SINGLELINE%",
    "SendGrid": "[%first_name%]",
    "SendGrid substitution": "-first_name-",
    "Mailgun": "%recipient.name%",
    "Mailgun unsubscribe": "%mailing_list_unsubscribe_url%",
    "Word": "«First_Name»",
    "Word in Dutch": "«Voornaam»",
    "angle brackets": "<<Company Name>>",
    "double brackets": "[[order_number]]",
    "capitals in brackets": "[FIRST_NAME]",
    "words in brackets": "[Your Company Name]",
    "Dutch in brackets": "[bedrijfsnaam]",
    "an order to oneself": "[insert link here]",
    "colons": "::name::",
    "single braces": "{first_name}",
    "single braces in Dutch": "{achternaam}",
    "Python format": "%(first_name)s",
    "C format": "%1$s",
    "spam kit": "%rand8%",
    "letters of a spam kit": "[25_an]",
    "hashes": "##unsubscribe##",
}
"""Where it comes from -> how it looks when nothing filled it in."""

LOOK_ALIKES = (
    "It costs $12, or {about} 3 % less: 20%-30% of 100%.",
    "The set {a, b, c} and the pairs {{1, 2}, {3, 4}}.",
    "Use `{{ name }}` or `*|FNAME|*` for the name.",
    "> Dear {{ name }},",
    "| > Dear *|FNAME|*,",
    "$ echo ${HOME} %s",
    "#define NAME(x) {{ x }}",
    'name = "{{ name }}"',
    '{"name": "{{ name }}", "tags": ["<%= tag %>"]}',
    'printf("%s is %d\\n", "<<name>>", [[name]]);',
    '<property name="base" value="${ldap.base}"/>',
    "if (a[[name]] == b) { return ${name}; }",
    "def greet(name): return f'Dear {name}'",
    "2026-11-02 09:30:00 INFO mailer: {{name}} sent to %recipient%",
    "    at com.bakery.Mail.send(Mail.java:12) ${name}",
    "[PATCH v2] [SPAM] [the-list] [1] [sic] [... cut ...] [x] [PST] [ANNOUNCE]",
    "« Bonne journée », «Война и мир» and <<Freedom of Information request >>",
    "See <https://bakery.example/a> or <ann@bakery.example>, [[#]] and [[Main Page]].",
    "None of the above; Hello world; null and void; undefined behaviour.",
    "Dear all, / Hello, / Hi! / Geachte heer/mevrouw,",
    "TOM XXXXXX lives at [home](https://bakery.example/).",
    "std::string::npos ::1 a::b::c",
    "https://bakery.example/?q=%7Ba%7D&name=%20NAME%20&x=1%2B1",
    "$x_{{i}}$ and \\frac{{a}}{{b}}",
    "${{ secrets.TOKEN }} goes into the pipeline",
)


def findings(body: str, kind: str = "plain", head: str = "Subject: Your bread\r\n") -> dict[str, Finding]:
    raw = f"{HEAD}{head}Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{body}"
    verdict = LINTER.check(Message.from_bytes(raw.encode()))
    assert verdict.errors == ()
    return {finding.rule: finding for finding in verdict.findings}


def found(body: str, kind: str = "plain", head: str = "Subject: Your bread\r\n") -> list[str]:
    """The source of every place that an error of the topic marks."""
    return [
        text.span.raw.decode()
        for finding in findings(body, kind, head).values()
        if finding.severity == "error"
        for text in finding.texts
        if text is not None
    ]


@pytest.mark.parametrize("placeholder", PLACEHOLDERS.values(), ids=PLACEHOLDERS)
def test_a_placeholder_is_found_in_the_text(placeholder: str) -> None:
    assert found(f"Good morning,\r\n\r\nthe bread for {placeholder} is ready.\r\n") == [placeholder]


@pytest.mark.parametrize("placeholder", PLACEHOLDERS.values(), ids=PLACEHOLDERS)
def test_a_placeholder_is_found_in_the_subject(placeholder: str) -> None:
    assert found("Good morning.\r\n", head=f"Subject: Bread for {placeholder}\r\n") == [placeholder]


@pytest.mark.parametrize("placeholder", PLACEHOLDERS.values(), ids=PLACEHOLDERS)
def test_a_placeholder_is_found_in_html_as_it_is_written(placeholder: str) -> None:
    written = html.escape(placeholder, quote=False)
    assert found(f"<p>Good morning,</p><p>the bread for {written} is ready.</p>", "html") == [written]


@pytest.mark.parametrize("placeholder", PLACEHOLDERS.values(), ids=PLACEHOLDERS)
def test_a_placeholder_is_found_in_addresses_and_alt_texts(placeholder: str) -> None:
    written = html.escape(placeholder)
    body = f'<p>Bread</p><a href="https://bakery.example/?c={written}">here</a><img src="a.png" alt="{written}">'
    assert found(body, "html") == [written, written]


@pytest.mark.parametrize("placeholder", PLACEHOLDERS.values(), ids=PLACEHOLDERS)
def test_code_and_quoted_mail_may_hold_any_placeholder(placeholder: str) -> None:
    written = html.escape(placeholder)
    assert found(f"Good morning,\r\n\r\nwrite `{placeholder}` there.\r\n> Dear {placeholder},\r\n") == []
    assert found(f"<p>Write <code>{written}</code>:</p><pre>Dear\n{written}</pre>", "html") == []
    assert found(f'<p>Yes.</p><blockquote type="cite"><p>Dear {written}</p></blockquote>', "html") == []
    assert found(f'<p>Yes.</p><div class="gmail_quote"><p>Dear {written}</p></div>', "html") == []


@pytest.mark.parametrize("placeholder", PLACEHOLDERS.values(), ids=PLACEHOLDERS)
def test_patches_may_hold_any_placeholder(placeholder: str) -> None:
    patch = f"--- a/mail.txt\n+++ b/mail.txt\n@@ -1,2 +1,2 @@\n-Dear {placeholder}\n+Dear Bo\n"
    assert found(f"Good morning, here is the patch.\n\n{patch}") == []


@pytest.mark.parametrize("text", LOOK_ALIKES)
def test_what_only_looks_like_a_placeholder_is_none(text: str) -> None:
    assert found(f"Good morning,\r\n\r\n{text}\r\n") == []
    assert found(f"<p>Good morning,</p><p>{html.escape(text)}</p>", "html") == []


def test_hidden_text_titles_names_and_headers_are_looked_at() -> None:
    body = '<title>{{ title }}</title><div style="display:none">{{ preview }}</div><p>Good morning</p>'
    assert found(body, "html") == ["{{ preview }}", "{{ title }}"]
    assert found("Good morning\r\n", head="Subject: x\r\nReply-To: {{ name }} <ann@bakery.example>\r\n") == [
        "{{ name }}"
    ]
    raw = (
        f"{HEAD}Subject: x\r\nContent-Type: multipart/mixed; boundary=cut\r\n\r\n"
        "--cut\r\nContent-Type: text/plain\r\n\r\nGood morning\r\n"
        '--cut\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename="{{ n }}.pdf"\r\n\r\n'
        "%PDF-1.4\r\n--cut--\r\n"
    )
    verdict = LINTER.check(Message.from_bytes(raw.encode()))
    assert [text.value for finding in verdict.findings for text in finding.texts if text] == ["{{ n }}"]


def test_styles_scripts_and_comments_are_not_looked_at() -> None:
    body = "<style>a{{color:red}}</style><script>var a = '{{ b }}'</script><!-- {{ c }} --><p class='{{ d }}'>Bread</p>"
    assert found(body, "html") == []


def test_a_template_is_not_blamed_for_its_expressions() -> None:
    template = "<p>Dear {{ name }} *|FNAME|* <%= x %> {first_name} [Your Name] %(a)s,</p><a href='{{ url }}'>here</a>"
    assert LINTER.check(Message.draft(template.encode())).findings == ()
    filled = Linter(Policy(profile="message"), RULES).check(Message.draft(template.encode()))
    assert filled.outcome == "block" or {finding.severity for finding in filled.findings} == {"error"}


@pytest.mark.parametrize(
    "piece", ["{{a}} ", "    {{a}}\n", "<code>{{a}} ", "`{{a}}` ", "view in browser\n", "{color:red} "]
)
@pytest.mark.parametrize("kind", ["plain", "html"])
def test_many_places_are_found_in_time(piece: str, kind: str) -> None:
    findings(piece * 10_000, kind)
