"""What a page may load."""

import pytest

from book._ext.handbook import policy


def test_a_page_without_a_head_cannot_say_its_policy():
    with pytest.raises(ValueError, match="head"):
        policy.finish("<p>a</p>")


def test_the_policy_names_scripts_and_handlers_by_hash_and_no_data():
    page = (
        "<head></head><script>a()</script><script src='x.js'></script>"
        '<script type="application/json">{}</script><button onclick="b(&quot;1&quot;)">'
    )
    found = policy.policy(page)
    assert policy.digest("a()") in found and policy.digest('b("1")') in found
    assert found.count("sha256-") == 2 and "'unsafe-hashes'" in found and "unsafe-eval" not in found
    assert policy.finish(page).startswith('<head>\n    <meta http-equiv="Content-Security-Policy"')
    assert "unsafe-hashes" not in policy.policy("<head></head>")
