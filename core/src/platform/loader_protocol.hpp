// What a process and its loader process say to each other on POSIX systems, over a pair of stream sockets: a request is
// followed by the path, without a NUL, and has the current directory with it if the path is relative; an answer has the
// descriptor with it if the file was opened. One request is answered before the next is made.
#ifndef STDBIND_LOADER_PROTOCOL_HPP
#define STDBIND_LOADER_PROTOCOL_HPP

#include <sys/socket.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace stdbind::platform {

/// Where a loader process finds its socket.
inline constexpr int loader_descriptor = 3;
inline constexpr std::uint32_t longest_path = 4095;

struct OpeningRequest {
  std::int32_t flags;  ///< for open(2)
  std::uint32_t path_size;
};
struct OpeningAnswer {
  std::int32_t os;  ///< errno, or 0
};

/// A message, and room for one descriptor beside it.
class Envelope {
 public:
  Envelope() noexcept = default;
  Envelope(const Envelope&) = delete;
  Envelope& operator=(const Envelope&) = delete;

  void add(void* data, std::size_t size) noexcept {
    parts_[message_.msg_iovlen].iov_base = data;
    parts_[message_.msg_iovlen].iov_len = size;
    message_.msg_iov = parts_;
    ++message_.msg_iovlen;
  }
  void expect_descriptor() noexcept {
    message_.msg_control = control_;
    message_.msg_controllen = sizeof control_;
  }
  void enclose(int fd) noexcept {
    expect_descriptor();
    struct cmsghdr* const header = CMSG_FIRSTHDR(&message_);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof fd);
    std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
  }
  /// The descriptor that came with the message, -1 if there was none.
  int descriptor() noexcept {
    const struct cmsghdr* const header = CMSG_FIRSTHDR(&message_);
    int fd = -1;
    if (header != nullptr && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
        header->cmsg_len >= CMSG_LEN(sizeof fd)) {
      std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
    }
    return fd;
  }
  struct msghdr* message() noexcept { return &message_; }

 private:
  struct iovec parts_[2] = {};
  struct msghdr message_ = {};
  alignas(struct cmsghdr) char control_[CMSG_SPACE(sizeof(int))] = {};
};

}  // namespace stdbind::platform

#endif
