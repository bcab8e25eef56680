"""Where the documentation of a rule is found."""

HOMEPAGE = "https://github.com/dropout-lint/dropout-lint"


def rule_url(code: str) -> str:
    return f"{HOMEPAGE}/blob/main/docs/rules/{code}.md"
