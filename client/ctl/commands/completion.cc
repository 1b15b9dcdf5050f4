// ccplacectl completion: scripts for shells, made from the commands themselves.
#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/ctl/commands/commands.h"

namespace ccplace::ctl {
namespace {

constexpr char kCompletionFooter[] =
    "Exit code: 0 printed; 2 the command line is wrong.\n"
    "\n"
    "Example: source <(ccplacectl completion bash)\n"
    "         ccplacectl completion zsh > \"${fpath[1]}/_ccplacectl\"\n";

// %1: names of the commands; %2: options of all; %3: a case branch for each command.
constexpr char kBash[] = R"(# Completion of ccplacectl for bash.
_ccplacectl() {
  local current=${COMP_WORDS[COMP_CWORD]} command= word
  local commands="%1" options="%2"
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [[ " $commands " == *" $word "* ]]; then command=$word; break; fi
  done
  case $command in
%3  esac
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$current"))
  elif [[ -z $command ]]; then
    COMPREPLY=($(compgen -W "$commands" -- "$current"))
  else
    COMPREPLY=($(compgen -f -- "$current"))
  fi
}
complete -o filenames -F _ccplacectl ccplacectl
)";

constexpr char kZshHead[] =
    "#compdef ccplacectl\n"
    "# Completion of ccplacectl for zsh, by way of the one for bash.\n"
    "autoload -U +X bashcompinit && bashcompinit\n";

// Long names of what `app` takes, "--help" included.
std::vector<std::string> OptionNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back(absl::StrCat("--", name));
  }
  return names;
}

std::string Replace(std::string text, absl::string_view mark, const std::string& by) {
  const size_t at = text.find(mark.data(), 0, mark.size());
  return at == std::string::npos ? text : text.replace(at, mark.size(), by);
}

std::string BashScript(const CLI::App& app) {
  std::vector<std::string> names;
  std::string branches;
  for (const CLI::App* command : app.get_subcommands(nullptr)) {
    names.push_back(command->get_name());
    absl::StrAppend(&branches, "    ", command->get_name(), ") options+=\" ",
                    absl::StrJoin(OptionNames(*command), " "), "\" ;;\n");
  }
  std::string script = Replace(kBash, "%1", absl::StrJoin(names, " "));
  script = Replace(std::move(script), "%2", absl::StrJoin(OptionNames(app), " "));
  return Replace(std::move(script), "%3", branches);
}

}  // namespace

void RegisterCompletionCommand(CLI::App& app, Session& session) {
  const auto shell = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("completion", "Print a completion script for a shell");
  command->add_option("SHELL", *shell, "bash or zsh")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh"}));
  command->footer(kCompletionFooter);
  OnSelected(*command, session, [&app, &session, shell] {
    if (*shell == "zsh") session.out.Raw(kZshHead);
    session.out.Raw(BashScript(app));
    return static_cast<int>(kExitYes);
  });
}

}  // namespace ccplace::ctl
