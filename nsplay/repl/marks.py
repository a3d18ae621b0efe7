"""OSC 133 marks (status, begin of a prompt) from the shells that understand them, by way of an rc file of ours.

The marks end in a nonce that is new for every terminal: a file or a program that prints marks can forge nothing.
PS1 and PS2 aren't exported, so that `env` prints no marks and a child of another kind inherits none. `env -i`, a
chroot that hides the file, or an rc file that sets its own PROMPT_COMMAND: no marks, the kernel's word alone counts.
"""

import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Final

# bash comes here before every prompt (as sh once more at its start), the others once. __s: status of the last
# command. `stty -echo`, left over, is remembered by readline: mended before it looks. A stty costs a fork, so first
# see in /proc/self/stat (cminflt, proc(5)) whether bash had a child since; a builtin can't have changed the terminal.
# After `unshare -p` the next child is number 1 of a PID namespace and the last one born there: it must not be ours. And
# a fork that fails sends bash back to before its prompt, which is here again, for ever: so the next time (__t) none.
# PROMPT_COMMAND is exported for our sake alone: what an rc file adds to it would run in a `bash --norc`, too, which
# hasn't its functions. So that is kept in __h, and run from here.
# Of dash and ash only one with ${x:0:1}, which counts columns (ash), wants \[ \] around what has no width. Once
# exported, their PS1 stays exported: that is why it never comes by the environment.
_MARKS: Final = r"""if [ -n "${ZSH_VERSION-}${KSH_VERSION-}${YASH_VERSION-}" ]; then
  :
elif [ -n "${BASH_VERSION-}" ]; then
  printf '\033]133;D;%s;NONCE\007' "$__s"
  __n=; { read -r -a __n </proc/self/stat; } 2>/dev/null
  if [ -n "${__t-}" ]; then
    __t= __c=${__n[10]-}
  elif [ -z "${__n[10]-}" ] || [ "${__n[10]}" != "${__c-}" ] && BORN_HERE; then
    __t=1; stty echo cooked 2>/dev/null; __t=; { read -r -a __n </proc/self/stat; } 2>/dev/null; __c=${__n[10]-}
  fi
  case $PS1 in
  *NONCE*) ;;
  *) export -n PS1 PS2; PS1='\[\e]133;A;NONCE\a\]'$PS1 PS2='\[\e]133;A;k=s;NONCE\a\]'$PS2 ;;
  esac
  eval "${__h-}"; __o=HOOK __p=${PROMPT_COMMAND-}
  case $__p in
  "$__o") ;;
  *"$__o"*)
    __q=${__p#*"$__o"}; __h="${__h-}
${__p%%"$__o"*}
${__q#"${__q%%[!; ]*}"}"
    PROMPT_COMMAND=$__o
    ;;
  esac
elif BORN_HERE; then
  __e=$(printf '\033') __b=$(printf '\007') __o= __c=
  (eval 'x=ab; [ "${x:0:1}" = a ]') 2>/dev/null && __o='\[' __c='\]'
  PROMPT
  case $PS1 in
  *NONCE*) ;;
  *)
    PS1="$__o$__e]133;D;\$?;NONCE$__b$__e]133;A;NONCE$__b$__c$PS1"
    PS2="$__o$__e]133;A;k=s;NONCE$__b$__c$PS2"
    ;;
  esac
  unset __e __b __o __c
fi
"""


# Are this shell's children born in its own PID namespace? Builtins only; without /proc nobody knows: yes.
_BORN_HERE: Final = (
    "{ [ /proc/self/ns/pid -ef /proc/self/ns/pid_for_children ] || [ ! -e /proc/self/ns/pid ]; }"
)


def environment(folder: Path, nonce: str, env: Mapping[str, str]) -> dict[str, str]:
    """env with what makes its shells print marks. Writes folder/marks, which every user of the stage may read."""
    theirs = dict(env)
    prompt, hook = theirs.pop("PS1", ""), theirs.pop("PROMPT_COMMAND", "")
    file = folder / "marks"
    own = f"PS1={shlex.quote(prompt)}" if prompt else ":"
    quoted = shlex.quote(str(file))
    # Ours comes first, to see the status; bash itself gives it back to the learner's next command.
    # (In braces with a redirection: else bash also says `wait_for: No record of process` after a fork that failed. Closed,
    # not to /dev/null: a root that the learner made needn't have one.)
    ours = f"{{ __s=$?; }} 2>&-; [ -r {quoted} ] && . {quoted}"
    parts = {"BORN_HERE": _BORN_HERE, "HOOK": shlex.quote(ours), "NONCE": nonce, "PROMPT": own}
    file.write_text(re.sub(r"\b(BORN_HERE|HOOK|NONCE|PROMPT)\b", lambda part: parts[part[0]], _MARKS))
    file.chmod(0o644)
    return {**theirs, "ENV": str(file), "PROMPT_COMMAND": f"{ours}; {hook}" if hook else ours}
