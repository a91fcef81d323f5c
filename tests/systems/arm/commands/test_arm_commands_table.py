"""`saccade table arm` with a budget of next to nothing: rows that are really trained and played."""

from __future__ import annotations

import json

import interruptions

LID = "take_lid_off_saucepan"
TINY = (
    "--workers", 1, "--budget.minutes", 0.01, "--budget.demonstrations", 1, "--budget.points", 1,
    "--budget.episodes", 1, "--budget.point-episodes", 1,
)  # fmt: skip


def test_rows_are_trained_measured_and_kept(saccade, tmp_path):
    keys = [f"{LID}.look-and-vote", f"{LID}.q-attention", f"{LID}.expert"]
    done = saccade("table", "arm", *TINY, "--out", tmp_path, "--only", *keys)
    assert done.code == 0
    rows = json.loads((tmp_path / "results.json").read_text())["rows"]
    assert list(rows) == keys
    ours, paper, expert = (rows[key] for key in keys)
    assert expert["measured"]["end"]["success"]["mean"] == 1
    for trained in (ours, paper):
        assert set(trained["measured"]) == {"end", "point 0"}
        assert trained["moments"][0]["episodes"] == 0
        assert trained["numbers"] > 10_000 and trained["training_minutes"] > 0
    assert ours["moments"][-1]["episodes"] == 1
    table = (tmp_path / "table.md").read_text()
    for label in ("look and vote (ours)", "Q-attention (the paper's)"):
        assert f"| {label} |" in table
    assert (tmp_path / "fig6_actions.png").exists() and (tmp_path / "report.html").exists()
    kept = interruptions.tree(tmp_path / "rows")
    again = saccade("table", "arm", *TINY, "--out", tmp_path, "--only", *keys)
    assert again.code == 0
    assert interruptions.tree(tmp_path / "rows") == kept


def test_a_mistake_costs_one_line(saccade, tmp_path):
    for argv, words in (
        (("--budget.minutes", 0), ["minutes", "0"]),
        (("--only", "fly.bc"), ["unknown row 'fly.bc'"]),
        (("--seed", -1), ["--seed", "-1"]),
        (("--demonstrations", tmp_path, "--only", f"{LID}.bc"), [str(tmp_path / LID)]),
    ):
        saccade("table", "arm", *argv, "--out", tmp_path / "out").mistake(*words)
