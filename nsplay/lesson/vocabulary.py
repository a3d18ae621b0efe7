"""Words for facts, English and Japanese: what nsplay.lesson.words makes its phrases of. A Japanese word that begins with
Latin letters has a blank before it: it stands behind a particle.
"""

import re
from typing import Final

WHAT: Final = {
    "programs": ("programs", "プログラム"),
    "links": ("network links", "ネットワークのリンク"),
    "links.up": ("links that are up", " up のリンク"),
    "links.across": ("ends of cables between host and inside", "ケーブルの端 (ホストと中の間)"),
    "cables": ("number of cables between host and inside", "ケーブルの数 (ホストと中の間)"),
    "links.received": ("number of received packets", "リンクが受け取ったパケット数"),
    "links.sent": ("number of sent packets", "リンクが送ったパケット数"),
    "addresses": ("addresses", "アドレス"),
    "neighbours": ("neighbours that it has heard of", "近隣テーブルのアドレス"),
    "routes": ("number of routes", "経路の数"),
    "route.default": ("default route", "デフォルト経路があるか"),
    "route.gateway": ("gateway", "ゲートウェイ"),
    "listening": ("listening ports", "待ち受けているポート"),
    "sockets.abstract": ("abstract unix sockets", "抽象 unix ソケット"),
    "ip_forward": ("ip_forward", " ip_forward"),
    "sys.links": ("links that /sys/class/net shows", " /sys/class/net に見えるリンク"),
    "sys.own": ("/sys/class/net of its own", " /sys/class/net が自分専用か"),
    "rules": ("number of nftables rules", " nftables のルール数"),
    "rules.nat": ("a rule that lends an address", "アドレスを書き換えるルールがあるか"),
    "rules.packets": ("packets that rules have counted", "ルールが数えたパケット数"),
    "shm": ("number of shared memory segments", "共有メモリの数"),
    "shm.bytes": ("bytes of shared memory", "共有メモリのバイト数"),
    "shm.keys": ("keys of shared memory", "共有メモリのキー"),
    "semaphores": ("number of semaphore sets", "セマフォの数"),
    "msg": ("number of System V queues", " System V キューの数"),
    "msg.keys": ("keys of System V queues", " System V キューのキー"),
    "msg.bytes": ("bytes waiting in System V queues", " System V キューで待つバイト数"),
    "queues": ("POSIX queues", " POSIX キュー"),
    "dev.mqueue": ("queues in /dev/mqueue", " /dev/mqueue のキュー"),
    "dev.mqueue.own": ("/dev/mqueue of its own namespace", " /dev/mqueue が自分の名前空間のものか"),
    "dev.shm": ("files in /dev/shm", " /dev/shm のファイル"),
    "dev.shm.own": ("/dev/shm of its own", " /dev/shm が自分専用か"),
    "uptime": ("seconds of uptime", "稼働秒数"),
    "uptime.ahead": ("seconds that uptime is ahead", "稼働時間のずれ (秒)"),
    "date": ("date", "日付"),
    "time.offset.boottime": ("offset of the boot clock for children", "子のための boottime のずれ"),
    "time.offset.monotonic": ("offset of the monotonic clock for children", "子のための monotonic のずれ"),
    "time.outside": ("processes whose children get other clocks", "時計が子だけずれるプロセスの数"),
    "time.outside.here": (
        "those in its time namespace",
        "時計が子だけずれるプロセスの数 (同じ time 名前空間のもの)",
    ),
    "time.outside.boottime": (
        "boot clock offsets of their children",
        "子の boottime のずれ (子だけずれるプロセス)",
    ),
    "time.outside.monotonic": (
        "monotonic clock offsets of their children",
        "子の monotonic のずれ (子だけずれるプロセス)",
    ),
    "disk.device": ("number of the disk that the stage lends", "ディスクの番号 (ステージが貸すもの)"),
    "mounts.slave": ("number of slave mounts", " slave マウントの数"),
    "mounts.private": ("number of private mounts", " private マウントの数"),
    "mounts.unbindable": ("number of unbindable mounts", " unbindable マウントの数"),
    "root.mount": ("root is a mount", "ルートがマウントか"),
    "root.fstype": ("file system of the root", "ルートのファイルシステム"),
    "root.out": ("got out of a chroot", " chroot から抜け出したか"),
    "root.source": ("what is mounted on the root", "ルートにマウントされたもの"),
    "cgroup.inside": ("cgroup in its own eyes", " cgroup (自分から見たパス)"),
    "cgroup.groups": ("number of groups in the mounted tree", "ツリーのグループの数 (マウントされたもの)"),
    "cgroup.top": ("top of the mounted cgroup tree", " cgroup のツリーの頂上 (マウントされたもの)"),
}

# The part in brackets stands for {}.
FAMILIES: Final = tuple(
    (re.compile(pattern), english, japanese)
    for pattern, english, japanese in (
        (r"cgroup\.inside\.(.+)", "{} cgroup in its own eyes", " {} の cgroup (自分から見たパス)"),
        (
            r"cgroup\.groups\.(.+)",
            "number of groups in the mounted {} tree",
            " {} のツリーのグループの数 (マウントされたもの)",
        ),
        (r"cgroup\.top\.(.+)", "top of the mounted {} tree", " {} のツリーの頂上 (マウントされたもの)"),
        (r"at\.(.+)\.mounted", "mount on {}", " {} にマウントがあるか"),
        (r"at\.(.+)\.stacked", "number of mounts on {}", " {} に重なるマウントの数"),
        (r"at\.(.+)\.fstype", "file system on {}", " {} のファイルシステム"),
        (r"at\.(.+)\.source", "what is mounted on {}", " {} にマウントされたもの"),
        (r"at\.(.+)\.root", "folder that is mounted on {}", " {} にマウントされたディレクトリ"),
        (r"at\.(.+)\.options", "mount options of {}", " {} のマウントオプション"),
        (r"at\.(.+)\.propagation", "propagation of {}", " {} の伝播"),
        (r"at\.(.+)\.reaches", "sides that hear of mounts below {}", " {} の下へのマウントが伝わる側"),
        (r"file\.(.+)\.exists", "something at {}", " {} があるか"),
        (r"file\.(.+)\.kind", "kind of {}", " {} の種類"),
        (r"file\.(.+)\.uid", "owner of {}", " {} の持ち主"),
        (r"file\.(.+)\.gid", "group of {}", " {} のグループ"),
        (r"file\.(.+)\.mode", "permissions of {}", " {} の許可ビット"),
        (r"file\.(.+)\.device", "device of {}", " {} のデバイス番号"),
        (r"file\.(.+)\.number", "number of the device {}", "デバイス {} の番号"),
        (r"file\.(.+)\.inode", "inode of {}", " {} の inode"),
        (r"file\.(.+)\.size", "size of {}", " {} の大きさ"),
        (r"file\.(.+)\.entries", "number of names in {}", " {} の中の名前の数"),
        (r"file\.(.+)\.text", "text of {}", " {} の中身"),
        (r"file\.(.+)\.capabilities", "capabilities of the file {}", "ファイル {} のケーパビリティ"),
        (r"link\.(.+)\.up", "state of link {} (up)", "リンク {} が up か"),
        (r"link\.(.+)\.carrier", "carrier of link {}", "リンク {} の相手側も up か"),
        (r"link\.(.+)\.kind", "kind of link {}", "リンク {} の種類"),
        (r"link\.(.+)\.addresses", "addresses of link {}", "リンク {} のアドレス"),
        (r"link\.(.+)\.peer", "other end of link {}", "リンク {} の反対側"),
        (r"link\.(.+)\.master", "bridge of link {}", "リンク {} のブリッジ"),
        (r"link\.(.+)\.received", "packets that link {} has received", "リンク {} が受け取ったパケット数"),
        (r"link\.(.+)\.sent", "packets that link {} has sent", "リンク {} が送ったパケット数"),
        (r"chain\.(.+)\.rules", "number of rules in chain {}", "チェイン {} のルール数"),
        (r"chain\.(.+)\.packets", "packets that chain {} has counted", "チェイン {} が数えたパケット数"),
        (r"chain\.(.+)\.actions", "what chain {} does", "チェイン {} がすること"),
    )
)


def words_for(name: str, japanese: bool) -> str:
    """What a fact (without its side) is called; "" for one that has no words here."""
    if name in WHAT:
        return WHAT[name][japanese]
    found = ((pattern.fullmatch(name), words) for pattern, *words in FAMILIES)
    return next((words[japanese].format(match[1]) for match, words in found if match), "")
