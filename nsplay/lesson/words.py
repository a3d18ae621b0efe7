"""Facts and comparisons as words, for a check that found something else than it wanted."""

from functools import reduce

from nsplay.lesson import group_words
from nsplay.lesson.fill import Value, text_of
from nsplay.lesson.vocabulary import words_for

KINDS = {  # of files, in Japanese
    "file": "ファイル",
    "folder": "ディレクトリ",
    "device": "デバイス",
    "pipe": "パイプ",
    "socket": "ソケット",
}
INITS = {"none yet": "未登場", "alive": "動作中", "gone": "終了済み"}  # pid 1, in Japanese
SIDES = {
    "en": {
        "inside": "{} in here",
        "host": "{} on the host",
        "machine": "{} on the machine",
        "second": "{} in terminal 2",
    },
    "ja": {"inside": "ここの{}", "host": "ホストの{}", "machine": "マシンの{}", "second": "端末 2 の{}"},
}
WHAT = {
    "hostname": ("host name", "ホスト名"),
    "domainname": ("domain name", "ドメイン名"),
    "processes": ("number of processes", "プロセス数"),
    "mounts": ("number of mounts", "マウント数"),
    "mounts.shared": ("number of shared mounts", " shared マウントの数"),
    "own": ("own namespaces", "自分専用の名前空間"),
    "uid": ("user ID", "ユーザー ID"),
    "pid": ("pid on the machine", " pid (マシンでの番号)"),
    "nspid": ("innermost pid", "いちばん内側の pid"),
    "root": ("root folder", "ルートディレクトリ"),
    "ps": ("number of processes that ps lists", " ps に出るプロセス数"),
    "processes.yours": ("number of your processes", "自分のプロセス数"),
    "pids": ("number of its pids", " pid の数"),
    "zombies": ("number of zombies", "ゾンビの数"),
    "inits": ("number of inner pid namespaces with a pid 1", "内側の pid 名前空間の数 (pid 1 が動くもの)"),
    "inits.proc.own": (
        "number of inner pid 1s with a /proc of their own",
        "内側の pid 1 の数 (自分専用の /proc を持つもの)",
    ),
    "children.init": ("pid 1 of the namespace for children", "子が生まれる名前空間の pid 1"),
    "ps.isolated": ("ps shows its own pid namespace only", " ps に出るのが自分の pid 名前空間だけか"),
    "proc.own": ("/proc of its own", " /proc が自分専用か"),
    "gid": ("group ID", "グループ ID"),
    "uid.outside": ("user ID as the machine sees it", "ユーザー ID (マシンから見たもの)"),
    "gid.outside": ("group ID as the machine sees it", "グループ ID (マシンから見たもの)"),
    "uid_map": ("uid_map", " uid_map"),
    "gid_map": ("gid_map", " gid_map"),
    "setgroups": ("setgroups", " setgroups"),
    "user.maker.bounding": (
        "bounding capabilities of whoever made this user namespace",
        " user 名前空間を作った者の bounding ケーパビリティ",
    ),
    "no_new_privs": ("no_new_privs", " no_new_privs"),
    "seccomp": ("seccomp mode", " seccomp モード"),
    "seccomp.filters": ("number of seccomp filters", " seccomp フィルターの数"),
    "seccomp.more": (
        "number of seccomp filters beyond the host's",
        " seccomp フィルターの数 (ホストより多い分)",
    ),
    "cgroup.path": ("cgroup", " cgroup"),
}
MOMENTS = {
    "before.": ("when the step began", "ステップの始まり"),
    "start.": ("when the lesson began", "レッスンの始まり"),
}
OPS = {
    "==": ("{} must be {}", "{}が{}であること"),
    "!=": ("{} must not be {}", "{}が{}ではないこと"),
    "<": ("{} must be less than {}", "{}が{}より小さいこと"),
    "<=": ("{} must be {} or less", "{}が{}以下であること"),
    ">": ("{} must be more than {}", "{}が{}より大きいこと"),
    ">=": ("{} must be {} or more", "{}が{}以上であること"),
    "contains": ("{} must hold {}", "{}に{}があること"),
    "not contains": ("{} must not hold {}", "{}に{}がないこと"),
    "grew": ("{} must have grown from {}", "{}が{}から増えていること"),
    "shrank": ("{} must have shrunk from {}", "{}が{}から減っていること"),
    "changed": ("{} must differ from {}", "{}が{}から変わっていること"),
    "unchanged": ("{} must still be {}", "{}が{}のままであること"),
}


# The sides that a mount reaches, as a learner calls them.
REACHED = (
    {"host": "the host", "inside": "in here", "second": "terminal 2", "machine": "the machine"},
    {"host": "ホスト", "inside": "ここ", "second": "端末 2", "machine": "マシン"},
)
NEWLINE = r"\x0a"  # as a text has it (kernel/files.py)


def phrase(name: str, lang: str) -> str:
    """`inside.hostname` -> "host name in here"; a fact without words is called by its name."""
    column = int(lang == "ja")
    moment = next((words[column] for prefix, words in MOMENTS.items() if name.startswith(prefix)), "")
    for prefix in MOMENTS:
        name = name.removeprefix(prefix)
    side, _, rest = name.partition(".")
    told = group_words.words_for(rest, bool(column)) if rest.startswith("group./") else ""
    if not told:
        what = _what(rest, column)
        frame = SIDES["ja" if column else "en"].get(side)
        if not what or not frame:
            return name
        told = frame.format(what)
    told = told.strip()  # a Japanese word may begin with a blank
    return f"{told} ({moment})" if moment and column else f"{told}, {moment}" if moment else told


def _what(rest: str, column: int) -> str:
    if rest in WHAT:
        return WHAT[rest][column]
    if found := group_words.words_for(rest, bool(column)) or words_for(rest, bool(column)):
        return found
    head, _, kind = rest.partition(".")
    if head == "ns" and kind:
        return (f"{kind} namespace", f" {kind} 名前空間")[column]
    if head == "kept" and kind:
        return (f"number of kept {kind} namespaces", f" {kind} 名前空間の数 (ファイルが残しているもの)")[
            column
        ]
    if kind == "joined":
        return (f"{head} namespace shared with a stranger", f" {head} 名前空間にほかの誰かもいるか")[column]
    if kind == "kept":
        return (f"{head} namespace kept by a file", f" {head} 名前空間がファイルで残されているか")[column]
    if kind == "owner":
        return (f"owner of the {head} namespace", f" {head} 名前空間の持ち主")[column]
    if kind == "parent":
        return (f"{head} namespace around this one", f" {head} 名前空間の親")[column]
    if rest.startswith("inits.catching."):
        signal = rest.rpartition(".")[2]
        return (
            f"number of inner pid 1s that catch {signal}",
            f"内側の pid 1 の数 ({signal} を受け取るもの)",
        )[column]
    if kind in ("yours", "apart"):
        which = ("this", "に") if kind == "yours" else ("another", "の外に")
        return (
            f"number of your processes in {which[0]} {head} namespace",
            f" {head} 名前空間{which[1]}いる自分のプロセス数",
        )[column]
    if kind in ("members", "others"):
        who = "プロセス" if kind == "members" else "ほかのプロセス"
        return (f"number of {kind} of the {head} namespace", f" {head} 名前空間にいる{who}の数")[column]
    if head == "capabilities":
        return (f"{kind} capabilities", f" {kind} ケーパビリティ")[column]
    if head == "cgroup":
        return (f"{kind} cgroup", f" {kind} の cgroup")[column]
    return ""


def value_words(value: Value | None, lang: str, name: str = "") -> str:
    """A fact's value in a verdict; None: it couldn't be read. A list with nothing in it is said, too. name: the fact's."""
    japanese = lang == "ja"
    if name.endswith(".reaches"):
        sides = value if isinstance(value, tuple) else (str(value),)
        value = tuple(REACHED[japanese].get(side, side) for side in sides)
    if japanese and name.endswith(".kind") and isinstance(value, str):
        return KINDS.get(value, value)
    if japanese and name.endswith("children.init") and isinstance(value, str):
        return INITS.get(value, value)
    if value is None:
        return "読み取れません" if japanese else "couldn't be read"
    if isinstance(value, bool):
        return ("はい" if value else "いいえ") if japanese else ("yes" if value else "no")
    return text_of(value).replace(NEWLINE, " / ") or ("なし" if japanese else "none")


def wanted_words(left: str, op: str, right: str, value: str, lang: str) -> str:
    """What a check wants. right: the name of the fact compared with, "" for a literal; value: what it is."""
    told = (
        f"{phrase(right, lang)} ({value})"
        if right and op not in ("grew", "shrank", "changed", "unchanged")
        else value
    )
    what = phrase(left, lang)
    if lang != "ja":
        return " ".join(OPS[op][0].format(what, told).split())
    if right and op in ("==", "!="):
        told = _beside(phrase(right, lang), value)
    if op == "==" and not right and what.endswith("か"):  # a question has an answer
        return f"{what}: {told}"
    particle, end = OPS[op][1].removeprefix("{}").split("{}")
    return reduce(_beside, (what, particle, told, end))


def _beside(one: str, other: str) -> str:
    """Japanese in a row; beside Latin letters and figures is a blank."""
    latin = one[-1:].isascii() or other[:1].isascii()
    return f"{one} {other}" if latin else one + other
