"""A plan as Markdown: what hurts comes first, nothing in it is markup, and it always fits."""

import dataclasses
import html
import re

from hypothesis import given
from hypothesis import strategies as st
from support.prepared_plans import FUNCTION, TAGS, manifest, prepared

from deployer.blueprint.policies import statement, trust
from deployer.code_release.manifest import Package
from deployer.model.digests import stamped
from deployer.model.resources import Code, LogGroup, Resource, Role
from deployer.views.description import Description, describe
from deployer.views.escaping import code, escaped
from deployer.views.markdown import markdown
from deployer.views.size_limit import Block, fit

GITHUB_LIMIT = 65_536
CHECK = "lambda-edv-check-results"


def role(name: str, *actions: str) -> Role:
    policy = {action: statement(action, "arn:aws:s3:::b", reason="reads") for action in actions}
    return Role(name, "/", trust("lambda.amazonaws.com"), policy, TAGS)


def example() -> Description:
    old = Package(CHECK, "0.1.0", "1" * 64, {"a.py": "1"})
    new = Package(CHECK, "0.2.0", "2" * 64, {"a.py": "2"})
    have: list[Resource] = [
        stamped(FUNCTION),
        role("kept", "s3:PutObject"),
        dataclasses.replace(role("moved"), path="/old/"),
        LogGroup("gone", 1, TAGS),
    ]
    want = dataclasses.replace(FUNCTION, environment={"A": "1|2 `x` <b> @team"}, code=Code("2" * 64))
    wanted = [stamped(want), role("kept", "s3:GetObject"), role("moved")]
    return describe(prepared(wanted, have, manifest([have[0]], (old,)), (new,)))


def test_losses_and_permissions_come_before_the_changes() -> None:
    text = markdown(example())
    order = ["## Plan for", "| create | update |", "[!CAUTION]", "### Permissions", "### role: ", "<details>"]
    places = [text.index(part) for part in order]
    assert places == sorted(places)
    assert "> - **replace** role <code>moved</code>: <code>path</code> cannot be changed in place" in text
    assert "> - **delete** log group <code>gone</code>" in text
    assert "| gained | <code>s3:GetObject on arn:aws:s3:::b</code> | <code>kept</code> |" in text
    assert "| 0 | 2 | 1 | 1 |" in text


def test_details_hold_fields_with_causes_and_files() -> None:
    text = markdown(example())
    (details,) = re.findall(r"<details><summary>[^\n]* function .*?</details>", text, re.DOTALL)
    assert "(we changed it)</summary>" in details
    assert "<code>lambda-edv-check-results 0.1.0 -&gt; 0.2.0</code>" in details
    assert "- <code>&#126; a.py</code>" in details
    row = next(line for line in details.splitlines() if "environment.A" in line)
    assert row.count("|") == 4
    assert "1&#124;2 &#96;x&#96; &lt;b&gt; &#64;team" in row


def test_an_unchanged_environment_is_one_sentence() -> None:
    text = markdown(describe(prepared([FUNCTION], [FUNCTION])))
    assert "nothing to do" in text
    assert "###" not in text


@given(st.text(alphabet="ab|`<>&*_[]#!~@\\{}$+\n\r", max_size=30))
def test_nothing_that_is_escaped_is_markup(words: str) -> None:
    found = escaped(words)
    assert not set(found) & set("|`<>*_[]!~@\\{}$+\n\r")
    assert html.unescape(found) == words.replace("\n", " ").replace("\r", " ")
    assert code(words) == f"<code>{found}</code>"


def test_a_huge_plan_fits_and_shows_that_it_was_cut() -> None:
    roles = [role(f"role-{number}", *(f"s3:Action{n}" for n in range(30))) for number in range(60)]
    whole = markdown(describe(prepared(roles)), limit=10_000_000)
    cut = markdown(describe(prepared(roles)))
    assert len(whole) > GITHUB_LIMIT > len(cut)
    assert "parts of this plan are shortened or left out here" in cut
    assert "shortened" not in whole
    assert cut.count("<details>") == cut.count("</details>")
    assert "1760 more" in cut


def test_blocks_without_room_are_shortened_or_left_out() -> None:
    blocks = [Block("a" * 100), Block("b" * 1000, "b in brief"), Block("c" * 1000), Block("d")]
    found = fit(blocks, 300)
    assert found.startswith(f"{'a' * 100}\n\nb in brief\n\nd\n\n")
    assert "2 parts" in found
    assert len(found) <= 300


@given(st.lists(st.integers(0, 400), max_size=20), st.integers(200, 2000))
def test_no_plan_is_longer_than_allowed(sizes: list[int], limit: int) -> None:
    assert len(fit([Block("x" * size, "y") for size in sizes], limit)) <= limit
