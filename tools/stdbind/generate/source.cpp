// Groups tokens into declarations and gives each the comment that belongs to it.
#include "source.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <sstream>

#include "files.hpp"
#include "process.hpp"

namespace stdbind::generate {
namespace {

namespace fs = std::filesystem;

// One thing of an own header that a comment may belong to, or a comment.
struct Event {
  enum class Kind : std::uint8_t { declaration, macro, comment };
  Kind kind;
  std::size_t at;  // index into declarations or macros, for a comment into comments
  int file;
  int line;
  int end_line;
};

struct Comment {
  std::string text;
  bool documents;  // Doxygen style
  bool trailing;   // Doxygen's "belongs to what stands before"
};

Comment comment_of(const Token& token) {
  const std::string& text = token.text;
  const auto starts = [&](const char* what) { return text.rfind(what, 0) == 0; };
  const bool documents = (starts("/**") && text.size() > 4 && text[3] != '*') || starts("/*!") || starts("//!") ||
                         (starts("///") && text.rfind("////", 0) != 0);
  return {text, documents, documents && text.size() > 3 && text[3] == '<'};
}

std::string joined(const std::vector<Token>& tokens) {
  std::string text;
  for (const auto& token : tokens) {
    if (token.kind == Token::Kind::comment) continue;
    if (!text.empty() && (token.space_before || token.kind == Token::Kind::word)) text += ' ';
    text += token.text;
  }
  return text;
}

// The parts of the first braced list of a declaration, split at `,` (enum) or `;` (struct).
std::vector<Part> parts_of(const std::vector<Token>& tokens) {
  std::vector<Part> parts;
  int depth = 0;
  bool list_of_values = false;
  Part part;
  int ended_line = 0;
  const auto finish = [&](int line) {
    if (!part.words.empty()) parts.push_back(std::move(part));
    part = Part();
    ended_line = line;
  };
  for (const auto& token : tokens) {
    if (depth == 0 && token.is("enum")) list_of_values = true;
    if (token.kind == Token::Kind::punctuation && (token.is("{") || token.is("("))) {
      if (token.is("{") && depth == 0) ended_line = token.line;
      ++depth;
      continue;
    }
    if (token.kind == Token::Kind::punctuation && (token.is("}") || token.is(")"))) {
      --depth;
      if (depth == 0 && token.is("}")) {
        finish(token.line);
        break;
      }
      continue;
    }
    if (depth == 0) continue;
    if (token.kind == Token::Kind::comment) {
      const Comment comment = comment_of(token);
      const bool follows = comment.trailing || (!comment.documents && token.line == ended_line);
      if (part.words.empty() && follows && !parts.empty()) {
        if (parts.back().comment.empty()) parts.back().comment = comment.text;
      } else if (part.comment.empty() || comment.documents) {
        part.comment = comment.text;
      }
    } else if (depth == 1 && token.is(list_of_values ? "," : ";")) {
      finish(token.line);
    } else if (token.kind == Token::Kind::word) {
      if (part.words.empty()) part.line = token.line;
      part.words.insert(token.text);
    }
  }
  return parts;
}

// A foreign typedef without its braces: all that resolving names needs. Nothing if it is not a typedef.
std::optional<std::string> foreign_type(const std::vector<Token>& tokens) {
  if (tokens.empty() || !tokens.front().is("typedef")) return std::nullopt;
  std::vector<Token> kept;
  int depth = 0;
  bool braces = false;
  bool named = false;
  for (const auto& token : tokens) {
    if (token.kind == Token::Kind::comment) continue;
    if (token.is("{")) {
      if (depth++ == 0 && kept.size() > 0)
        named = kept.back().kind == Token::Kind::word && !kept.back().is("struct") && !kept.back().is("union") &&
                !kept.back().is("enum");
      braces = true;
      continue;
    }
    if (token.is("}")) {
      --depth;
      continue;
    }
    if (depth == 0) kept.push_back(token);
  }
  if (braces && !named) {
    // "typedef struct {...} name;" needs a tag to stay a declaration.
    if (kept.size() != 4) return std::nullopt;
    Token tag = kept[2];
    tag.space_before = true;
    kept.insert(kept.begin() + 2, tag);
  }
  return joined(kept);
}

class Grouper {
 public:
  Grouper(const Tokens& tokens, std::vector<bool> own, Source& source)
      : tokens_(tokens), own_(std::move(own)), source_(source) {}

  void group() {
    for (const auto& token : tokens_.list) {
      if (token.kind == Token::Kind::directive) {
        directive(token);
      } else if (token.kind == Token::Kind::comment && current_.empty()) {
        comment(token);
      } else {
        add(token);
      }
    }
    give_comments();
    for (auto& [name, macro] : macros_) source_.macros.push_back(std::move(macro.second));
    std::sort(source_.macros.begin(), source_.macros.end(),
              [&](const Macro& a, const Macro& b) { return macros_[a.name].first < macros_[b.name].first; });
    index();
  }

 private:
  bool own(const Token& token) const { return own_[static_cast<std::size_t>(token.file)]; }

  Place place(const Token& token) const { return {tokens_.files[static_cast<std::size_t>(token.file)], token.line}; }

  void directive(const Token& token) {
    std::istringstream words(token.text);
    std::string kind;
    words >> kind;
    if (kind == "#undef") {
      std::string name;
      words >> name;
      macros_.erase(name);
      return;
    }
    if (kind != "#define" || !own(token)) return;
    std::string rest;
    std::getline(words >> std::ws, rest);
    std::size_t end = 0;
    while (end < rest.size() && (std::isalnum(static_cast<unsigned char>(rest[end])) || rest[end] == '_')) ++end;
    Macro macro{rest.substr(0, end), end < rest.size() && rest[end] == '(', "", place(token),
                comment_behind(place(token))};
    if (macro.takes_arguments) end = rest.find(')', end) + 1;
    macro.body = rest.substr(std::min(end, rest.size()));
    macro.body.erase(0, macro.body.find_first_not_of(" \t"));
    macro.body.erase(macro.body.find_last_not_of(" \t\r") + 1);
    events_.push_back({Event::Kind::macro, all_macros_.size(), token.file, token.line, token.end_line});
    all_macros_.push_back(macro.name);
    macros_[macro.name] = {all_macros_.size(), macro};  // the last definition wins
  }

  // The preprocessor drops comments in directives, so that behind a macro is read from the header itself.
  std::string comment_behind(const Place& place) {
    auto& text = texts_[place.file];
    if (text.empty()) text = read_file(place.file).value_or("") + "\n";
    std::size_t at = 0;
    for (int line = 1; line < place.line && at != std::string::npos; ++line) at = text.find('\n', at) + 1;
    const std::size_t end = text.find('\n', at);
    bool quoted = false;
    for (; at < end; ++at) {
      if (text[at] == '"' && text[at - 1] != '\\') quoted = !quoted;
      if (quoted) continue;
      if (text.compare(at, 2, "//") == 0) return text.substr(at, end - at);
      if (text.compare(at, 2, "/*") == 0) return text.substr(at, text.find("*/", at) - at) + "*/";
    }
    return "";
  }

  void comment(const Token& token) {
    if (!own(token)) return;
    const Comment comment = comment_of(token);
    if (!events_.empty() && events_.back().kind == Event::Kind::comment && token.text.rfind("//", 0) == 0) {
      Event& before = events_.back();
      Comment& text = comments_[before.at];
      if (before.file == token.file && before.end_line + 1 == token.line && text.text.rfind("//", 0) == 0 &&
          text.documents == comment.documents) {
        text.text += "\n" + token.text;
        before.end_line = token.line;
        return;
      }
    }
    events_.push_back({Event::Kind::comment, comments_.size(), token.file, token.line, token.end_line});
    comments_.push_back(comment);
  }

  void add(const Token& token) {
    if (body_depth_ > 0) {
      if (token.is("{")) ++body_depth_;
      if (token.is("}") && --body_depth_ == 0) finish(token, true);
      return;
    }
    if (token.kind == Token::Kind::comment) {
      current_.push_back(token);
      return;
    }
    if (token.is("{") && depth_ == 0 && last_.is(")")) {
      body_depth_ = 1;
      return;
    }
    if (token.is("{") || token.is("(") || token.is("[")) ++depth_;
    if (token.is("}") || token.is(")") || token.is("]")) --depth_;
    if (current_.empty() && token.is(";")) return;
    current_.push_back(token);
    last_ = token;
    if (depth_ <= 0 && token.is(";")) finish(token, false);
  }

  void finish(const Token& end, bool has_body) {
    std::vector<Token> tokens = std::move(current_);
    current_.clear();
    depth_ = 0;
    last_ = Token();
    const Token& first = tokens.front();
    if (!own(first)) {
      if (auto type = foreign_type(tokens)) source_.foreign_types.push_back(*type);
      return;
    }
    if (first.is("_Static_assert") || first.is("static_assert")) return;
    Declaration declaration{joined(tokens), place(first), end.end_line, has_body, "", parts_of(tokens)};
    if (has_body) declaration.text += ';';
    events_.push_back({Event::Kind::declaration, source_.declarations.size(), first.file, first.line, end.end_line});
    source_.declarations.push_back(std::move(declaration));
    names_.push_back(declared_names(tokens));
  }

  // Words that a declaration declares: those outside of braces and parameter lists that a declarator can end with.
  static std::vector<std::string> declared_names(const std::vector<Token>& all) {
    std::vector<Token> tokens;
    std::copy_if(all.begin(), all.end(), std::back_inserter(tokens),
                 [](const Token& token) { return token.kind != Token::Kind::comment; });
    std::vector<std::string> names;
    int braces = 0;
    int parentheses = 0;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      const Token& token = tokens[i];
      if (token.is("{")) ++braces;
      if (token.is("}")) --braces;
      if (token.is("(")) ++parentheses;
      if (token.is(")")) --parentheses;
      if (token.kind != Token::Kind::word || braces > 0) continue;
      const bool last = i + 1 == tokens.size();
      const auto next_is = [&](const char* what) { return !last && tokens[i + 1].is(what); };
      const bool pointer = parentheses == 1 && i > 0 && (tokens[i - 1].is("*") || tokens[i - 1].is("(")) &&
                           next_is(")") && i + 2 < tokens.size() && tokens[i + 2].is("(");
      if (pointer || (parentheses == 0 && (last || next_is("(") || next_is(";") || next_is(",") || next_is("[") ||
                                           next_is("{") || next_is("=")))) {
        const bool function = parentheses == 0 ? next_is("(") : tokens[i - 1].is("(");  // f(…) or (f)(…)
        names.push_back(function ? token.text + "(" : token.text);
      }
    }
    return names;
  }

  const Event* neighbour(std::size_t at, int step) const {
    for (std::size_t i = at; (step < 0 ? i > 0 : i + 1 < events_.size());) {
      i = step < 0 ? i - 1 : i + 1;
      if (events_[i].file != events_[at].file) return nullptr;
      if (events_[i].kind != Event::Kind::comment) return &events_[i];
    }
    return nullptr;
  }

  void give(const Event* event, const std::string& text) {
    if (event == nullptr) return;
    std::string* comment = nullptr;
    if (event->kind == Event::Kind::declaration) comment = &source_.declarations[event->at].comment;
    if (event->kind == Event::Kind::macro) {
      const auto found = macros_.find(all_macros_[event->at]);
      if (found != macros_.end() && found->second.first == event->at + 1) comment = &found->second.second.comment;
    }
    if (comment != nullptr && comment->empty()) *comment = text;
  }

  static bool touches(const Event* first, const Event* second, int distance = 1) {
    return first != nullptr && second != nullptr && second->line - first->end_line <= distance &&
           second->line - first->end_line >= 0;
  }

  // A plain comment belongs to the neighbour that it touches. Where it touches both, the habit of the headers decides:
  // most write before the declaration, some (zlib) behind it. One comment over a run of macros belongs to none of them.
  void give_comments() {
    int before = 0;
    int behind = 0;
    const auto is_declaration = [](const Event* event) {
      return event != nullptr && event->kind == Event::Kind::declaration;
    };
    for (int pass = 0; pass < 2; ++pass) {
      for (std::size_t i = 0; i < events_.size(); ++i) {
        const Event& event = events_[i];
        if (event.kind != Event::Kind::comment) continue;
        const Comment& comment = comments_[event.at];
        const Event* previous = neighbour(i, -1);
        const Event* next = neighbour(i, 1);
        if (pass == 0) {
          if (comment.documents) continue;
          const bool up = is_declaration(previous) && touches(previous, &event);
          const bool down = is_declaration(next) && touches(&event, next);
          before += down && !up;
          behind += up && !down;
          continue;
        }
        if (comment.trailing || (previous != nullptr && previous->end_line == event.line)) {
          give(previous, comment.text);
        } else if (comment.documents) {
          if (touches(&event, next, 2)) give(next, comment.text);
        } else {
          const bool up = is_declaration(previous) && touches(previous, &event);
          const bool down = touches(&event, next) && !starts_run(next);
          if (up && (!down || behind > before)) give(previous, comment.text);
          if (down && (!up || behind <= before)) give(next, comment.text);
        }
      }
    }
  }

  bool starts_run(const Event* event) const {
    if (event->kind != Event::Kind::macro) return false;
    const Event* next = event + 1;
    return next < events_.data() + events_.size() && next->kind == Event::Kind::macro && next->file == event->file &&
           next->line == event->end_line + 1;
  }

  void index() {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      for (const auto& name : names_[i]) {
        const auto [entry, fresh] = source_.index.emplace(name, i);
        const auto& old = source_.declarations[entry->second];
        const auto& now = source_.declarations[i];
        if (!fresh && now.parts.size() > old.parts.size()) entry->second = i;  // the definition, not the forward line
      }
    }
  }

  const Tokens& tokens_;
  std::vector<bool> own_;
  Source& source_;
  std::map<std::string, std::string> texts_;
  std::vector<Event> events_;
  std::vector<Comment> comments_;
  std::vector<std::string> all_macros_;
  std::map<std::string, std::pair<std::size_t, Macro>> macros_;
  std::vector<std::vector<std::string>> names_;
  std::vector<Token> current_;
  Token last_;
  int depth_ = 0;
  int body_depth_ = 0;
};

std::string absolute(const std::string& path) { return fs::absolute(path).lexically_normal().string(); }

bool is_own(const std::string& file, const std::vector<std::string>& headers, const std::vector<std::string>& own,
            const std::vector<std::string>& system) {
  if (file.empty() || file[0] == '<') return false;
  const std::string path = absolute(file);
  for (const auto& header : headers) {
    const fs::path mine = absolute(header);
    if (path == mine.string() || path.rfind((mine.parent_path() / mine.stem()).string(), 0) == 0) return true;
    const std::string folder = mine.parent_path().string();
    const bool shared = std::find(system.begin(), system.end(), folder) != system.end();
    if (!shared && path.rfind(folder + "/", 0) == 0) return true;
  }
  return std::any_of(own.begin(), own.end(),
                     [&](const std::string& prefix) { return path.rfind(absolute(prefix), 0) == 0; });
}

}  // namespace

std::vector<std::string> Compiler::arguments() const {
  std::vector<std::string> words;
  for (const auto& folder : include_folders) words.insert(words.end(), {"-I", folder});
  for (const auto& definition : definitions) words.push_back("-D" + definition);
  return words;
}

const Declaration* Source::find(const std::string& name, bool function) const {
  const auto found = index.find(function ? name + "(" : name);
  return found == index.end() ? nullptr : &declarations[found->second];
}

void Source::add(const Source& more) {
  const std::size_t before = declarations.size();
  declarations.insert(declarations.end(), more.declarations.begin(), more.declarations.end());
  for (const auto& [name, at] : more.index) index.emplace(name, before + at);
}

Source read_interface_text(const std::string& file) {
  std::istringstream lines(read_file(file).value_or(""));
  std::string text = "# 1 \"" + file + "\"\n";
  bool code = false;
  for (std::string line; std::getline(lines, line);) {
    const std::string start = line.substr(0, line.find_last_not_of(" \t\r") + 1);
    const bool inlined = start.rfind("%inline", 0) == 0;
    if (start.rfind("%{", 0) == 0) code = true;
    const bool ends = start.ends_with("%}");
    // SWIG's own lines become empty, so that the others keep their numbers.
    text += (code || inlined || ends || start.rfind('%', 0) == 0 || start.rfind('#', 0) == 0 ? "" : line) + "\n";
    if (ends) code = false;
  }
  const Tokens tokens = split_into_tokens(text);
  Source source;
  Grouper(tokens, std::vector<bool>(tokens.files.size(), true), source).group();
  return source;
}

std::vector<std::string> system_folders(const Compiler& compiler) {
  static std::map<std::string, std::vector<std::string>> known;
  if (const auto found = known.find(compiler.program); found != known.end()) return found->second;
  const Ran ran = run({compiler.program, "-E", "-v", "-xc", "/dev/null"});
  if (ran.status == 127) {
    usage_failure("the C compiler " + compiler.program + " cannot be started; install one or name it with --compiler");
  }
  std::vector<std::string> folders;
  std::istringstream lines(ran.err);
  bool listed = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("#include <...>", 0) == 0) listed = true;
    if (line.rfind("End of search list", 0) == 0) break;
    if (listed && !line.empty() && line[0] == ' ') folders.push_back(absolute(line.substr(1)));
  }
  return known[compiler.program] = folders;
}

Source read_source(const std::string& code, const std::vector<std::string>& headers,
                   const std::vector<std::string>& own, const Compiler& compiler) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "headers.c";
  write_file(file, code);
  // Words that only other compilers understand are defined away; the probe asks the compiler itself for layouts.
  std::vector<std::string> command = {compiler.program, "-E", "-C", "-dD", "-xc"};
  for (const char* gone :
       {"__attribute__(x)=", "__extension__=", "__restrict=", "__restrict__=", "restrict=", "__inline=inline",
        "__inline__=inline", "__asm__(x)=", "__asm(x)=", "_Noreturn=", "__const=const", "__signed__=signed",
        "__volatile__=volatile"}) {
    command.push_back(std::string("-D") + gone);
  }
  for (const auto& word : compiler.arguments()) command.push_back(word);
  command.push_back(file.string());
  const Ran ran = run(command);
  if (ran.status == 127) {
    usage_failure("the C compiler " + compiler.program + " cannot be started; install one or name it with --compiler");
  }
  if (ran.status != 0) {
    work_failure("the header cannot be preprocessed; add missing folders with --include and macros with --define\n" +
                 ran.err);
  }
  const Tokens tokens = split_into_tokens(ran.out);
  const auto system = system_folders(compiler);
  Source source;
  std::vector<bool> mine;
  for (const auto& name : tokens.files) {
    mine.push_back(name != file.string() && is_own(name, headers, own, system));
    if (mine.back()) source.own_files.push_back(name);
  }
  Grouper(tokens, std::move(mine), source).group();
  return source;
}

}  // namespace stdbind::generate
