"""Put the committed tables of bench/ into MODEL_CARD.md.

python -m training.model_card
"""

from pathlib import Path

from training.bench_quality import OUT
from training.examples import between

CARD = Path(__file__).with_name("MODEL_CARD.md")
TABLES = ("held", "gap", "development", "candidates", "tiers", "speed")


def filled(card: str, folder: Path) -> str:
    """The card with the tables that ``folder`` has. Raises ValueError where the card has no place for one."""
    for name in TABLES:
        if (folder / f"{name}.md").exists():
            found = (folder / f"{name}.md").read_text(encoding="utf-8")
            card = between(card, f"<!-- {name} -->\n", f"<!-- /{name} -->", found)
    return card


def main() -> None:
    """Command line of `make model-card`."""
    CARD.write_text(filled(CARD.read_text(encoding="utf-8"), OUT), encoding="utf-8")


if __name__ == "__main__":
    main()
