"""Words for facts of control groups, English and Japanese: `host.group./notes.memory.limit` is "memory limit of /notes"."""

import re
from typing import Final

# Behind the prefix of the group. The Japanese begins with its own particle (が, で) or stands behind の; before Latin
# letters is a blank.
WHAT: Final = {
    "exists": ("group", "グループがあるか"),
    "controllers": ("controllers", "コントローラ"),
    "given": ("subtree_control", " subtree_control"),
    "type": ("type", "種類"),
    "children": ("groups in it", "子グループ"),
    "members": ("number of processes", "プロセス数"),
    "populated": ("processes in it or below", "中か下にプロセスがいるか"),
    "frozen": ("frozen", "が凍結しているか"),
    "freezing": ("freeze asked for", "が凍結を指示されているか"),
    "cpu.limit": ("CPU limit (us in a period)", " CPU の上限 (1 周期の us)"),
    "cpu.period": ("CPU period (us)", " CPU の周期 (us)"),
    "cpu.percent": ("CPU limit (percent of a processor)", " CPU の上限 (1 個の %)"),
    "cpu.weight": ("CPU weight", " CPU の重み"),
    "cpu.periods": ("CPU periods", " CPU の周期の数"),
    "cpu.throttled": ("throttled CPU periods", " CPU が絞られた周期の数"),
    "cpu.waited": ("wait for CPU (us)", " CPU を待った時間 (us)"),
    "cpu.used": ("CPU time used (us)", "が使った CPU 時間 (us)"),
    "memory.limit": ("memory limit", "メモリの上限"),
    "memory.high": ("memory.high", " memory.high"),
    "memory.used": ("memory used", "が使っているメモリ"),
    "memory.peak": ("highest memory use", "メモリの最大使用量"),
    "memory.reached": ("times at the memory limit", "メモリの上限に当たった回数"),
    "memory.slowed": ("times over memory.high", " memory.high を超えた回数"),
    "memory.killed": ("OOM kills", "で OOM により終わらされた数"),
    "memory.killed.groups": ("OOM kills of all of the group", "がグループごと OOM で終わらされた回数"),
    "memory.together": ("memory.oom.group", " memory.oom.group"),
    "memory.anon": ("memory of its programs", "プログラム自身のメモリ"),
    "memory.cache": ("page cache", "ページキャッシュ"),
    "memory.shmem": ("tmpfs and shared memory", " tmpfs と共有メモリ"),
    "memory.swap.limit": ("swap limit", "スワップの上限"),
    "memory.swap.used": ("swap used", "が使っているスワップ"),
    "pids.limit": ("limit of processes", "プロセス数の上限"),
    "pids.used": ("processes and threads", "プロセスとスレッドの数"),
    "pids.peak": ("most processes and threads", "プロセスとスレッドの最大数"),
    "pids.refused": ("refused forks", "で断られた fork の数"),
    "cpuset.cpus": ("processors asked for", "で指定した CPU"),
    "cpuset.mems": ("memory nodes asked for", "で指定したメモリノード"),
    "cpuset.cpus.effective": ("processors it may run on", "で実際に使える CPU"),
    "cpuset.mems.effective": ("memory nodes it may use", "で実際に使えるメモリノード"),
    "io.limit.read": ("read limit (bytes a second)", "読み込みの上限 (バイト/秒)"),
    "io.limit.write": ("write limit (bytes a second)", "書き込みの上限 (バイト/秒)"),
    "io.limit.reads": ("limit of reads a second", "毎秒の読み込み回数の上限"),
    "io.limit.writes": ("limit of writes a second", "毎秒の書き込み回数の上限"),
    "io.read": ("bytes read from devices", "がデバイスから読んだバイト数"),
    "io.written": ("bytes written to devices", "がデバイスに書いたバイト数"),
    "io.reads": ("reads from devices", "がデバイスから読んだ回数"),
    "io.writes": ("writes to devices", "がデバイスに書いた回数"),
    "devices": ("rules for devices", "デバイスのルール"),
    "devices.programs": ("BPF programs that judge devices", "デバイスを判定する BPF プログラムの数"),
    "path": ("path in the tree of version 2", "バージョン 2 のツリーでのパス"),
    "net_cls.classid": ("classid of its packets", "パケットの classid"),
    "net_prio.priorities": ("priorities of its packets", "パケットの優先度"),
}
_RESOURCES: Final = {"cpu": " CPU の", "memory": "メモリの", "io": " IO の"}
_PRESSURE: Final = re.compile(r"pressure\.(cpu|memory|io)\.(some|full)\.(total|avg10)")
_GROUP: Final = re.compile(rf"group\.(?:(/.*?)\.)?({'|'.join(map(re.escape, WHAT))}|{_PRESSURE.pattern})")


def words_for(name: str, japanese: bool) -> str:
    """What a fact (without its side) is called, of a group or of the machine's pressure; "" for any other."""
    if _PRESSURE.fullmatch(name):
        return _pressure(name, japanese)
    if (found := _GROUP.fullmatch(name)) is None:
        return ""
    path, what = found[1], found[2]
    words = WHAT[what][japanese] if what in WHAT else _pressure(what, japanese)
    if japanese:
        group = f" {path} " if path else "グループ"
        return f"{group}{words}" if words[0] in "がで" else f"{group}の{words}"
    return f"{words} of {path}" if path else f"{words} of the group"


def _pressure(name: str, japanese: bool) -> str:
    found = _PRESSURE.fullmatch(name)
    assert found
    resource, kind, value = found[1], found[2], found[3]
    if japanese:
        return f"{_RESOURCES[resource]}待ち ({kind}、{'us' if value == 'total' else '10 秒間の %'})"
    return f"{resource} pressure, {kind} ({'us' if value == 'total' else '% of 10 s'})"
