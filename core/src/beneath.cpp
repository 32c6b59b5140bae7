// Opening beneath a directory: a path that could lead elsewhere is refused before anything is opened.
#include "checks.hpp"
#include "opening.hpp"

namespace stdbind {

using detail::fail;

namespace {

Result<void> check_components(std::string_view path) noexcept {
  if (path.starts_with('/')) {
    return fail(ErrorKind::permission_denied,
                {"open_beneath: the path ", Quoted{path}, " is absolute; give the way from the root"});
  }
  for (std::size_t begin = 0;;) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view component(path.data() + begin, end - begin);
    if (component.empty()) {
      return fail(ErrorKind::invalid_argument,
                  {"open_beneath: the path ", Quoted{path}, " has an empty component at byte ", begin});
    }
    if (component == "..") {
      return fail(ErrorKind::permission_denied, {"open_beneath: the component '..' at byte ", begin, " of ",
                                                 Quoted{path}, " leads upwards, which is never allowed"});
    }
    if (end == path.size()) return {};
    begin = end + 1;
  }
}

}  // namespace

Result<Mmap> Mmap::open_beneath(std::string_view root, std::string_view path, Mode mode, std::int64_t offset,
                                std::int64_t length, OpenOptions options) noexcept {
  const detail::Request request{.function = "open_beneath",
                                .path = path,
                                .mode = mode,
                                .offset = offset,
                                .length = length,
                                .options = options};
  if (const auto checked = detail::check_file(request); !checked) return std::unexpected(checked.error());
  if (const auto checked = check_components(path); !checked) return std::unexpected(checked.error());
  detail::PathText root_text;  // NOLINT: filled below
  detail::PathText text;       // NOLINT: filled below
  for (const auto& done : {detail::copy_path(request.function, root, root_text),
                           detail::copy_path(request.function, path, text)}) {
    if (!done) return std::unexpected(done.error());
  }
  std::string_view refused;
  const auto file = platform::open_beneath(root_text.data(), text.data(), detail::must_write(request), refused);
  if (!file) {
    if (refused.empty()) {
      return detail::fail_system(file.error(), {"open_beneath: cannot open ", Quoted{path}, " below ", Quoted{root}});
    }
    Error error = failure(ErrorKind::permission_denied, {"open_beneath: the component ", Quoted{refused}, " of ",
                                                         Quoted{path}, " is a symbolic link, which is not followed"});
    error.os = file.error();
    return std::unexpected(error);
  }
  detail::Source source(*file, detail::Source::Owner::us);
  return detail::MmapAccess::adopt(detail::map_file(request, source));
}

}  // namespace stdbind
