"""The addresses of the documentation."""

HOMEPAGE = "https://github.com/dropout-lint/dropout-lint"


def rule_url(code: str) -> str:
    return f"{HOMEPAGE}/blob/main/docs/rules/{code}.md"
