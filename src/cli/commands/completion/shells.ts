import type { Next, Offer } from './next-words.ts';

/** A shell: the script that it loads, and how it wants to be answered. */
interface Shell {
  script: string;
  answer(offer: Offer): string;
  /** Last line of each answer, where the shell wants one: in the words of cobra, no files, any file, folders only. */
  directives?: Readonly<Record<'words' | 'files' | 'folders', string>>;
}

/** Asks `msvc` at every press of the key, so that a newer version needs no newer script. */
const bash = `# msvc and create-microservice in bash: loaded by ~/.bashrc, or by "source"
_msvc() {
  # Bash takes words apart at = and : too, as in the names of contexts. What stands together in the line is one word,
  # and what stands behind the cursor does not count.
  local line=\${COMP_LINE:0:COMP_POINT} words=() rest part last reply i
  for ((i = 0; i <= COMP_CWORD; i++)); do
    rest=\${line#"\${line%%[![:space:]]*}"}
    part=\${COMP_WORDS[i]}
    if ((i == COMP_CWORD)); then part=$rest; fi
    if ((i > 0)) && [[ $rest == "$line" ]]; then
      words[\${#words[@]}-1]+=$part
    else
      words+=("$part")
    fi
    line=\${rest#"$part"}
  done
  last=\${words[\${#words[@]}-1]}
  if [[ $part =~ ^[=:]+$ ]]; then part=''; fi
  COMPREPLY=()
  while IFS= read -r reply; do
    case $reply in
      :files | :folders)
        compopt -o filenames 2>/dev/null
        while IFS= read -r reply; do COMPREPLY+=("$reply"); done < <(
          if [[ $reply == :files ]]; then compgen -f -- "$part"; else compgen -d -- "$part"; fi
        )
        ;;
      *) COMPREPLY+=("\${reply#"\${last%"$part"}"}") ;;
    esac
  done < <(msvc completion bash "\${words[@]/#/--word=}" 2>/dev/null </dev/null)
}
complete -F _msvc msvc create-microservice
`;

const zsh = `#compdef msvc create-microservice
# msvc and create-microservice in zsh: a file _msvc in a folder of $fpath, or loaded by ~/.zshrc behind compinit
_msvc() {
  local -a replies
  replies=("\${(@f)$(msvc completion zsh "\${(@)words[1,CURRENT]/#/--word=}" 2>/dev/null </dev/null)}")
  case $replies[1] in
    '') return 1 ;;
    :files) [[ $PREFIX == --*=* ]] && compset -P '*='; _files ;;
    :folders) [[ $PREFIX == --*=* ]] && compset -P '*='; _files -/ ;;
    *) _describe msvc replies ;;
  esac
}
if [[ $funcstack[1] == _msvc ]]; then _msvc "$@"; else compdef _msvc msvc create-microservice; fi
`;

const fish = `# msvc and create-microservice in fish: ~/.config/fish/completions/msvc.fish
function __msvc_complete
    set -l current (commandline -ct)
    set -l before (commandline -opc)
    set -l replies (msvc completion fish '--word='$before '--word='"$current" 2>/dev/null </dev/null)
    switch "$replies[1]"
        case :files
            __fish_complete_path "$current"
        case :folders
            __fish_complete_directories "$current"
        case '*'
            string join -- \\n $replies
    end
end
complete -c msvc -f -a '(__msvc_complete)'
complete -c create-microservice -f -a '(__msvc_complete)'
`;

const withTab = ({ word, summary }: Offer): string => (summary ? `${word}\t${summary}` : word);

export const shells: Readonly<Record<string, Shell>> = {
  bash: { script: bash, answer: ({ word }) => word },
  zsh: {
    script: zsh,
    answer: ({ word, summary }) => [word, ...(summary ? [summary] : [])].map(withoutColon).join(':'),
  },
  fish: { script: fish, answer: withTab },
  kubectl: {
    script: '# Nothing to load: kubectl asks kubectl_complete-msvc, which was installed beside kubectl-msvc.\n',
    answer: withTab,
    directives: { words: ':4', files: ':0', folders: ':16' },
  },
};

const withoutColon = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll(':', '\\:');

/** Names come from a kubeconfig and a cluster: none is offered that the shell would not take as it is. */
const isPlain = ({ word }: Offer): boolean => /^[\w@%+=:,./-]+$/.test(word);

/** A line for each word, or one that asks the shell for paths. */
export function answer(shell: Shell, next: Next): string {
  const { directives } = shell;
  if (typeof next === 'string') return `${directives?.[next] ?? `:${next}`}\n`;
  const lines = [
    ...next.filter(isPlain).map((offer) => shell.answer(offer)),
    ...(directives ? [directives.words] : []),
  ];
  return lines.map((line) => `${line}\n`).join('');
}
