"""What nsplay says in a sentence when a colon command, or a key of the menu, has nothing to draw."""

from nsplay.view.ui import Ui


def sentence(ui: Ui, word: str, argument: str) -> str:
    """What is said at that word; "" when there is no such one."""
    say = ui.say
    if word == ":ended":
        return _ended(ui, *argument.rpartition(" ")[::2])
    if word == ":skipping":
        return say(f"Doing it for you: {argument}", f"代わりに行います: {argument}")
    said = {
        ":not-done": say(
            "This step isn't done yet. :hint helps, :skip does it for you.",
            "このステップはまだ済んでいません。:hint でヒント、:skip で代わりに行います。",
        ),
        ":nothing-to-run": say(
            "Nothing is left to run in this step.", "このステップで打つものは残っていません。"
        ),
        ":typed-all": say(
            "All of it was typed, and the step isn't done: :reset makes a fresh stage, up to here. Then :skip.",
            "コマンドはすべて打たれていますが、まだ済んでいません。:reset でここまでやり直してから :skip と打ちます。",
        ),
        ":in-play": say(
            "You are in free play. :play comes back to the step first.",
            "いまは自由に試しているところです。先に :play でステップに戻ってください。",
        ),
        ":outermost": say(
            "That was the outermost shell of the stage; here is a new one. `exit` once more, or :quit, leaves nsplay.",
            "ステージのいちばん外側のシェルが終わったので、新しいシェルを起動しました。もう一度 `exit` か :quit で終わります。",
        ),
        ":why": say(
            "Nothing was typed yet. After a refusal, :why says which system call it was, and why.",
            "まだ何も打っていません。断られたあとに :why と打つと、どのシステムコールがなぜ断られたかが分かります。",
        ),
        ":why-did": say(
            f"That changed something, and typed again it would once more: `:why {argument}` does so.",
            f"いまのコマンドは何かを変えました。もう一度打てば、また変えます。それでも調べるなら `:why {argument}` です。",
        ),
        ":both": say(
            "A command is missing: `:both ps ax` runs it here and on the host's side.",
            "コマンドが要ります。`:both ps ax` のように打つと、こことホスト側の両方で実行します。",
        ),
        ":playing": say(
            "Free play: do what you like, the views follow. :play comes back to the step, on a fresh stage.",
            "自由に試せます。ビューも付いてきます。もう一度 :play で、新しいステージのステップに戻ります。",
        ),
    }
    return said.get(word, "")


def _ended(ui: Ui, program: str, pid: str) -> str:
    if pid == "0":
        return ui.say(
            "Only your outermost shell is in front: `exit` or :quit leaves.",
            "前にあるのはいちばん外側のシェルだけです。`exit` か :quit で終わります。",
        )
    return ui.say(f"{program} (pid {pid}) was ended.", f"{program} (pid {pid}) を終わらせました。")
