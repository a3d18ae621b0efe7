"""`nsplay clean`: mends what a killed nsplay left behind. Every start does the same; this says what it found."""

from pathlib import Path

from nsplay.settings import Settings


def clean(settings: Settings) -> int:
    """Prints what was mended; 0 even when there was nothing."""
    from nsplay import sessions
    from nsplay.lesson import progress
    from nsplay.repl import folder
    from nsplay.stage.journal import clean as clean_stages

    state = Path(settings.state)
    half = progress.sweep(state / "progress.json")
    mended = [*clean_stages(state), *folder.sweep(state), *sessions.sweep(state), *half]
    for what in mended:
        print(f"- {what}")
    if settings.lang == "ja":
        print(f"片付けたもの: {len(mended)}" if mended else "残っているものはありません。")
    else:
        print(f"mended: {len(mended)}" if mended else "Nothing was left behind.")
    return 0
