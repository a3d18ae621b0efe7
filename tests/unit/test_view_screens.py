"""The screens, as they read: exact lines of fixed widths. To change one, look at it first."""

import pytest

from nsplay.view import course
from nsplay.view.grid import typed
from tests.unit import view_screens
from tests.unit.view_world import drawn, ui

SCREENS = {
    ("task", 80, "en", False): """
 UTS: a host name of its own                           step 4 of 8  [####----]
-------------------------------------------------------------------------------

 Give the new namespace a name

 You are in a UTS namespace of your own. It began as a copy, so uname -n
 still says vm. Give it another name, and watch what the host is called
 meanwhile.

   predict       What will uname -n print on the host?
                 a  my-new-hostname
                 b  vm
                 c  neither

   do            # hostname my-new-hostname

   you are in    [uts] pid  mnt  net  ipc  user  cgroup  time   [ ] yours

 a b c guess   :hint   :help
""",
    ("task", 80, "ja", False): """
 UTS: 自分だけのホスト名                            ステップ 4 / 8  [####----]
-------------------------------------------------------------------------------

 新しい名前空間に名前を付ける

 いまは自分の UTS 名前空間の中にいます。始まりは写しなので、uname -n はまだ
 vm と答えます。ここに別の名前を付けて、その間ホストの名前がどうなるかを見ま
 しょう。

   予想          このあと、ホストで uname -n は何と答えるでしょう?
                 a  my-new-hostname
                 b  vm
                 c  どちらでもない

   実行          # hostname my-new-hostname

   いる場所      [uts] pid  mnt  net  ipc  user  cgroup  time   [ ] 自分専用

 a b c 予想する   :hint   :help
""",
    ("named", 80, "en", False): """
 what changed                                         hostname my-new-hostname
-------------------------------------------------------------------------------
   host name     before                after
     in here     vm                  ~ my-new-hostname
     the host    vm                  = vm

   namespaces    [uts] pid  mnt  net  ipc  user  cgroup  time   [ ] yours
 = host          unchanged: name vm, 20 mounts, 76 processes and your 2

 ✓ host name in here: my-new-hostname
   you guessed b, and b it is. Each namespace has its own.

   hostname NAME names the place you are in.

 Enter next   :again   :views   :play   :help                 step 4 of 8 done
""",
    ("made", 80, "ja", False): """
 変わったこと                                               unshare -u /bin/sh
-------------------------------------------------------------------------------
   ホスト名      前                    後
     ここ        vm                  = vm
     ホスト      vm                  = vm

   番号          前                    後
     uts         4026531177          ~ 4026532500

   名前空間      [uts] pid  mnt  net  ipc  user  cgroup  time   [ ] 自分専用
 = ホスト        変化なし: 名前 vm、マウント 20、プロセス 76 と自分の 2

 ✓ ここのホスト名: my-new-hostname
   予想 b が当たり。名前は名前空間ごとです。

   hostname 名前 はいまいる場所に名前を付けます。

 Enter 次へ   :again   :views   :play   :help              ステップ 4 / 8 済み
""",
    ("left", 80, "en", False): """
 what changed                                                             exit
-------------------------------------------------------------------------------
   host name     before                after
     in here     my-new-hostname     - left
     the host    vm                  = vm   <- you are here

   numbers       before                after
     uts         4026532500          ~ 4026531177   the host's

   namespaces     uts  pid  mnt  net  ipc  user  cgroup  time   none is yours
 = host          unchanged: name vm, 20 mounts, 76 processes and your 1

 ✓ host name in here: my-new-hostname
   you guessed b, and b it is. Each namespace has its own.

   hostname NAME names the place you are in.

 Enter next   :again   :views   :play   :help                 step 4 of 8 done
""",
    ("not yet", 80, "en", False): """
 what changed                                         hostname my-new-hostname
-------------------------------------------------------------------------------
   host name     before                after
     the host    vm                  ~ my-new-hostname   <- you are here

   namespaces     uts  pid  mnt  net  ipc  user  cgroup  time   none is yours
 ~ host          name vm -> my-new-hostname; unchanged: 20 mounts, 76 processes
                 and your 1

 ✗ not yet: you named the host's side, not a new namespace
   Nothing is broken: only the stage was renamed. Your machine is still called
   vm.

   found         uts namespace in here: 4026531177
   wanted        uts namespace in here must not be the host's
   to do         :reset
                 # unshare -u /bin/sh
                 # hostname my-new-hostname

 Enter next   :again   :views   :play   :help
""",
    ("not yet", 80, "ja", False): """
 変わったこと                                         hostname my-new-hostname
-------------------------------------------------------------------------------
   ホスト名      前                    後
     ホスト      vm                  ~ my-new-hostname   <- いまここ

   名前空間       uts  pid  mnt  net  ipc  user  cgroup  time   どれも共有
 ~ ホスト        名前 vm -> my-new-hostname。変化なし: マウント 20、プロセス 76
                 と自分の 1

 ✗ まだです: 新しい名前空間ではなく、ホスト側に名前が付きました
   何も壊れていません。名前が変わったのはステージだけで、本物のマシンは vm のま
   まです。

   いま          ここの uts 名前空間: 4026531177
   めざす形      ここの uts 名前空間がホストのものではないこと
   すること      :reset
                 # unshare -u /bin/sh
                 # hostname my-new-hostname

 Enter 次へ   :again   :views   :play   :help
""",
    ("pid", 80, "en", False): """
 what changed                         unshare --mount-proc -p --fork /bin/bash
-------------------------------------------------------------------------------
   processes    77 before   80 on the host   2 in here
     systemd            1                1
     kthreadd           2                2
     ...          75 more          75 more              not visible in here
 +   unshare            -             8010              its parent, outside
 +   bash               -             8011 = 1          you are here
 +   sleep              -             8013 = 3

   namespaces     uts [pid][mnt] net  ipc  user  cgroup  time   [ ] yours
 = host          unchanged: name vm, 20 mounts, 76 processes and your 4

 ✓ host name in here: my-new-hostname
   you guessed b, and b it is. Each namespace has its own.

   hostname NAME names the place you are in.

 Enter next   :again   :views   :play   :help                 step 4 of 8 done
""",
    ("pid", 80, "ja", False): """
 変わったこと                         unshare --mount-proc -p --fork /bin/bash
-------------------------------------------------------------------------------
   プロセス      前 77   ホストに 80   ここに 2
     systemd         1             1
     kthreadd        2             2
     ...       ほか 75       ほか 75             ここからは見えない
 +   unshare         -          8010             親は外にいる
 +   bash            -          8011 = 1         いまここ
 +   sleep           -          8013 = 3

   名前空間       uts [pid][mnt] net  ipc  user  cgroup  time   [ ] 自分専用
 = ホスト        変化なし: 名前 vm、マウント 20、プロセス 76 と自分の 4

 ✓ ここのホスト名: my-new-hostname
   予想 b が当たり。名前は名前空間ごとです。

   hostname 名前 はいまいる場所に名前を付けます。

 Enter 次へ   :again   :views   :play   :help              ステップ 4 / 8 済み
""",
    ("pid", 160, "en", False): """
 what changed                                                        unshare --mount-proc -p --fork /bin/bash
--------------------------------------------------------------------------------------------------------------
   processes    77 before   80 on the host   2 in here
     systemd            1                1
     kthreadd           2                2
     ...          75 more          75 more              not visible in here
 +   unshare            -             8010              its parent, outside
 +   bash               -             8011 = 1          you are here
 +   sleep              -             8013 = 3

   namespaces     uts  [pid] [mnt]  net   ipc   user   cgroup   time   [ ] yours
 = host          unchanged: name vm, 20 mounts, 76 processes and your 4

 ✓ host name in here: my-new-hostname
   you guessed b, and b it is. Each namespace has its own.

   hostname NAME names the place you are in.

 Enter next   :again   :views   :play   :help                                                step 4 of 8 done
""",
    ("mounts", 80, "en", False): """
 what changed                              mount -t tmpfs scratch /mnt/scratch
-------------------------------------------------------------------------------
   mounts                     21 before  21 on the host         22 in here
     /                 ext4   private    private           |    private
     /mnt/shared       tmpfs  slave      shared:1        ---->  slave, master:1
 +   /mnt/scratch      tmpfs  -          not there         |    private
     ... 19 more, the same on both sides
     ----> what the host mounts below it shows up in here, not back
       |   nothing crosses

   namespaces     uts  pid [mnt] net  ipc  user  cgroup  time   [ ] yours
 = host          unchanged: name vm, 21 mounts, 76 processes and your 2

 ✓ host name in here: my-new-hostname
   you guessed b, and b it is. Each namespace has its own.

   hostname NAME names the place you are in.

 Enter next   :again   :views   :play   :help                 step 4 of 8 done
""",
    ("mounts", 80, "ja", False): """
 変わったこと                              mount -t tmpfs scratch /mnt/scratch
-------------------------------------------------------------------------------
   マウント                   前 21    ホストに 21         ここに 22
     /                 ext4   private  private        |    private
     /mnt/shared       tmpfs  slave    shared:1     ---->  slave, master:1
 +   /mnt/scratch      tmpfs  -        ない           |    private
     ... ほか 19、両側とも同じ
     ----> ホストが下にマウントするとここにも現れる。逆はない
       |   どちらへも伝わらない

   名前空間       uts  pid [mnt] net  ipc  user  cgroup  time   [ ] 自分専用
 = ホスト        変化なし: 名前 vm、マウント 21、プロセス 76 と自分の 2

 ✓ ここのホスト名: my-new-hostname
   予想 b が当たり。名前は名前空間ごとです。

   hostname 名前 はいまいる場所に名前を付けます。

 Enter 次へ   :again   :views   :play   :help              ステップ 4 / 8 済み
""",
    ("named", 40, "en", False): """
 what changed      hostname my-new-h..
---------------------------------------
   host name
 ~   in here     vm  -> my-new-hostname
 =   the host    vm  unchanged

   namespaces    [uts] pid  mnt  net
     ipc  user  cgroup  time   [ ]
     yours
 = host
     unchanged: name vm, 20 mounts, 76
     processes and your 2

 ✓ host name in here: my-new-hostname
   you guessed b, and b it is. Each
   namespace has its own.

   hostname NAME names the place you
   are in.

 Enter next   :again   :views   :play
""",
    ("pid", 40, "en", False): """
 what changed      unshare --mount-p..
---------------------------------------
   processes    80 host   2 in here
     before: 77
     systemd          1
     kthreadd         2
     ...        75 more
       not visible in here
 +   unshare       8010
       its parent, outside
 +   bash          8011 = 1
       you are here
 +   sleep         8013 = 3

   namespaces     uts [pid][mnt] net
     ipc  user  cgroup  time   [ ]
     yours
 = host
     unchanged: name vm, 20 mounts, 76
     processes and your 4

 ✓ host name in here: my-new-hostname
   you guessed b, and b it is. Each
   namespace has its own.

   hostname NAME names the place you
   are in.

 Enter next   :again   :views   :play
""",
    ("mounts", 40, "ja", False): """
 変わったこと      mount -t tmpfs sc..
---------------------------------------
   マウント  前 21、ホストに 21、ここに
     22
     /
       ext4  private
     /mnt/shared
       tmpfs  slave, master:1
       ホスト: shared:1
 +   /mnt/scratch
       tmpfs  private
       ホスト: ない
     ... ほか 19、両側とも同じ
     ----> ホストが下にマウントするとこ
     こにも現れる。逆はない
       |   どちらへも伝わらない

   名前空間       uts  pid [mnt] net
     ipc  user  cgroup  time   [ ] 自分
     専用
 = ホスト
     変化なし: 名前 vm、マウント 21、プ
     ロセス 76 と自分の 2

 ✓ ここのホスト名: my-new-hostname
   予想 b が当たり。名前は名前空間ごと
   です。

   hostname 名前 はいまいる場所に名前を
   付けます。

 Enter 次へ   :again   :views   :play
""",
    ("where", 80, "en", False): """
 the host, and in here
-------------------------------------------------------------------------------
   names         on the host           in here
     host name   vm                    my-new-hostname
     domain name (none)              = (none)

   processes    78 seen
     systemd          1
     kthreadd         2
     ...        74 more
     bash          8003
     sh            8005  you are here

   mounts                     20 seen
     /                 ext4   private
     /sys/fs/0         tmpfs  private
     /sys/fs/1         tmpfs  private
     /sys/fs/2         tmpfs  private
     /sys/fs/3         tmpfs  private
     /sys/fs/4         tmpfs  private
     /sys/fs/5         tmpfs  private
     ... 13 more

   namespaces    on the host           in here
     uts         4026531177            4026532500
     pid         4026531836          = 4026531836
     mnt         4026531832          = 4026531832
     net         4026531833          = 4026531833
     ipc         4026531839          = 4026531839
     user        4026531837          = 4026531837
     cgroup      4026531835          = 4026531835
     time        4026531834          = 4026531834

 ? cgroup        not looked at

   you are       pid 8005
""",
    ("named", 80, "en", True): """
Step 4 of 8 done.
Checked: host name in here: my-new-hostname.
You guessed b, and b it is. Each namespace has its own.
Host name in here: my-new-hostname. Changed, it was vm.
Host name of the host: vm. Unchanged.
Namespaces of your own: uts. Shared with the host: pid, mnt, net, ipc, user,
     cgroup, time.
Host unchanged: name vm, 20 mounts, 76 processes and your 2.
hostname NAME names the place you are in.
Keys: Enter (next), :again, :views, :play, :help.
""",
    ("pid", 80, "ja", True): """
ステップ 4 / 8 済み。
確認: ここのホスト名: my-new-hostname。
予想 b が当たり。名前は名前空間ごとです。
プロセスはホストに 80 個、前は 77 個。
ここから見えるのは 2 個。見えないのは 78 個。
unshare はホストで pid 8010。
bash はここでは pid 1、ホストでは pid 8011。いまここです。
sleep はここでは pid 3、ホストでは pid 8013。
自分専用の名前空間: pid、mnt。ホストと共有: uts、net、ipc、user、cgroup、time。
ホストは変化なし: 名前 vm、マウント 20、プロセス 76 と自分の 4。
hostname 名前 はいまいる場所に名前を付けます。
キー: Enter (次へ)、:again、:views、:play、:help。
""",
    ("not yet", 80, "en", True): """
Not yet: you named the host's side, not a new namespace.
Nothing is broken: only the stage was renamed. Your machine is still called vm.
Found: uts namespace in here: 4026531177.
Wanted: uts namespace in here must not be the host's.
Type: :reset
Type: unshare -u /bin/sh
Type: hostname my-new-hostname
Host name of the host: my-new-hostname. Changed, it was vm.
All eight namespaces are shared with the host.
Host changed: name vm -> my-new-hostname. Unchanged: 20 mounts, 76 processes
     and your 1.
Keys: Enter (next), :again, :views, :play, :help.
""",
    ("mounts", 80, "en", True): """
Step 4 of 8 done.
Checked: host name in here: my-new-hostname.
You guessed b, and b it is. Each namespace has its own.
Mounts in here: 22, before: 21.
Mounts on the host: 21, before: 21.
/: ext4, private in here, private on the host.
/mnt/shared: tmpfs, slave, master:1 in here, shared:1 on the host.
/mnt/scratch: new, tmpfs, private in here, not there on the host.
19 more, the same on both sides.
Namespaces of your own: mnt. Shared with the host: uts, pid, net, ipc, user,
     cgroup, time.
Host unchanged: name vm, 21 mounts, 76 processes and your 2.
hostname NAME names the place you are in.
Keys: Enter (next), :again, :views, :play, :help.
""",
    ("menu", 80, "en", False): """
 nsplay   what a container is made of          8 of 23 steps  [#####---------]
-------------------------------------------------------------------------------

 ✓ look         4/4  Where am I?
 > uts         4/11  UTS: a host name of its own
 ! runtime   20 min  A runtime

 ! runtime       runc   apt-get install runc

 ! progress can't be read

 Enter uts   NAME another lesson   q leave
""",
    ("receipt", 80, "ja", False): """
 レシート                                                                  UTS
-------------------------------------------------------------------------------
   打ったもの            カーネルがしたこと
   unshare -u /bin/sh  + uts 4026532178
   uname -n              なし

 = ホストの変化  なし: 名前 vm
 ✓ 残ったもの    0: プロセス、マウント、cgroup、リンクはなし
   記録          8 ステップ
""",
}


@pytest.mark.parametrize(("name", "width", "lang", "plain"), SCREENS)
def test_screen(name: str, width: int, lang: str, plain: bool) -> None:
    screen = view_screens.everything(ui(width, lang, plain=plain))[name]
    assert drawn(screen, width, lang, plain=plain) == SCREENS[name, width, lang, plain]


PARTS = [
    *(
        course.Entry(name, f"About {name}", 10, 4, done, part="namespaces", at=2, at_title="Join")
        for name, done in (("uts", 4), ("pid", 1))
    ),
    course.Entry("capabilities", "Root in pieces", 15, 5, 0, part="namespaces", stands_on=("uts", "pid")),
    course.Entry("groups", "Groups", 12, 5, 0, part="cgroups"),
    course.Entry("runtime", "A runtime", 20, 4, 0, "it needs runc", "apt-get install runc", "containers"),
]
MAP = """
 nsplay   what a container is made of          5 of 22 steps  [###-----------]
-------------------------------------------------------------------------------

 namespaces          1/3   cgroups        0/1        containers        0/1
 ✓ uts                       groups    12 min        ! runtime
 > pid               1/4
   capabilities   15 min

 > pid           go on at step 2 of 4: Join
 ! runtime       it needs runc   apt-get install runc

 Enter pid   NAME another lesson   l what stands on what   q leave
"""


def test_the_map_has_a_column_for_each_part() -> None:
    assert drawn(course.menu(ui(80, "en"), PARTS, "pid"), 80, "en") == MAP
    for columns in (20, 49, 50, 75, 76, 160):
        shown = drawn(course.menu(ui(columns, "en"), PARTS, "pid"), columns, "en")
        assert all(name in shown for name in ("uts", "pid", "capabil", "groups", "runtime"))
        assert max(map(len, shown.split("\n"))) < max(columns, 21)


def test_the_map_says_what_stands_on_what() -> None:
    shown = drawn(course.map_of(ui(80, "en"), PARTS, "pid"), 80, "en")
    assert "capabilities  Root in pieces\n                 after uts, pid" in shown
    told = drawn(course.map_of(ui(80, "en", plain=True), PARTS, "pid"), 80, "en", plain=True)
    assert "Stands on uts, pid." in " ".join(told.split())


def test_a_command_of_several_lines_is_said_with_the_key_between_them() -> None:
    line = "sh -c 'echo $$ > FILE\nexec sleep 1'"
    assert typed(ui(80), line) == "Type: sh -c 'echo $$ > FILE (Enter) exec sleep 1'"
    assert typed(ui(80, "ja"), line) == "打つもの: sh -c 'echo $$ > FILE (Enter) exec sleep 1'"
