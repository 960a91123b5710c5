import { COMPLETE, type Shell } from './completion';

/*
 * Each script hands the words up to the cursor to `tidemark complete-words`, by the path that the line calls it by.
 * Its answer is a line that says `words` or `files`, and then, one a line, a word, a tab, and what it means.
 */

const bash = `# Completion of tidemark for bash: source <(tidemark completion bash)
_tidemark() {
  local current="\${COMP_WORDS[COMP_CWORD]}" kind='' word
  COMPREPLY=()
  while IFS=$'\\t' read -r word _; do
    if [[ -z $kind ]]; then kind=$word; continue; fi
    printf -v word '%q' "$word"
    COMPREPLY+=("$word")
  done < <("\${COMP_WORDS[0]}" ${COMPLETE} -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  if [[ $kind == files ]]; then
    compopt -o filenames 2>/dev/null
    [[ $current == = ]] && current=''
    while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$current")
  fi
}
complete -F _tidemark tidemark
`;

const zsh = `#compdef tidemark
# Completion of tidemark for zsh: source <(tidemark completion zsh), after compinit
_tidemark() {
  local kind='' word meaning
  local -a found meanings
  while IFS=$'\\t' read -r word meaning; do
    if [[ -z $kind ]]; then kind=$word; continue; fi
    found+=("$word")
    meanings+=("$word\${meaning:+  -- $meaning}")
  done < <("\${words[1]}" ${COMPLETE} -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)
  if [[ $kind == files ]]; then
    [[ $PREFIX == --*=* ]] && compset -P '*='
    _files
  elif (( $#found )); then
    compadd -l -d meanings -a found
  fi
}
compdef _tidemark tidemark
`;

const fish = `# Completion of tidemark for fish: tidemark completion fish > ~/.config/fish/completions/tidemark.fish
function __tidemark_complete
  set -l words (commandline -opc)
  set -l answer ($words[1] ${COMPLETE} -- $words[2..-1] (commandline -ct) 2>/dev/null)
  if test "$answer[1]" = files
    __fish_complete_path (commandline -ct)
  else
    string join \\n $answer[2..-1]
  end
end
complete -c tidemark -f -a '(__tidemark_complete)'
`;

const scripts: Record<Shell, string> = { bash, zsh, fish };

/** A script that makes a shell complete the command line. */
export function completionScript(shell: Shell): string {
  return scripts[shell];
}
