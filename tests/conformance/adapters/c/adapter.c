/* The conformance adapter for C: the protocol over abi.h. It passes on what the library answers, and judges nothing. */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdbind/abi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <system.h>

#include "../crc32.h"

enum { MAX_FIELDS = 16, MAX_OBJECTS = 16 };

struct request {
  const char* seq;
  const char* operation;
  char* keys[MAX_FIELDS];
  char* values[MAX_FIELDS];
  int count;
};

struct bytes {
  unsigned char* data;
  int64_t size;
};

static stdbind_mmap objects[MAX_OBJECTS];
static stdbind_prefault prefaults[MAX_OBJECTS];
static int prefault_of[MAX_OBJECTS]; /* the number of the object that each of them loads */

/* ---- fields of a request ---- */

static const char* text_field(const struct request* request, const char* key) {
  for (int i = 0; i < request->count; ++i)
    if (strcmp(request->keys[i], key) == 0) return request->values[i];
  return NULL;
}

static int64_t number_field(const struct request* request, const char* key, int64_t missing) {
  const char* text = text_field(request, key);
  return text == NULL ? missing : strtoll(text, NULL, 10);
}

static stdbind_mmap* object_field(const struct request* request) {
  return &objects[number_field(request, "m", 0) & (MAX_OBJECTS - 1)];
}

static stdbind_prefault* prefault_field(const struct request* request) {
  return &prefaults[number_field(request, "p", 0) & (MAX_OBJECTS - 1)];
}

static int64_t mode_field(const struct request* request) { return number_field(request, "mode", 0); }
static int64_t offset_field(const struct request* request) { return number_field(request, "offset", 0); }
static int64_t length_field(const struct request* request) { return number_field(request, "length", -1); }
static int64_t options_field(const struct request* request) { return number_field(request, "options", 0); }

static unsigned char hex_byte(const char* digits) {
  const char pair[3] = {digits[0], digits[1], 0};
  return (unsigned char)strtoul(pair, NULL, 16);
}

static struct bytes hex_bytes(const char* text, size_t digits) {
  struct bytes bytes = {malloc(digits / 2 + 1), (int64_t)(digits / 2)};
  for (int64_t i = 0; i < bytes.size; ++i) bytes.data[i] = hex_byte(text + 2 * i);
  return bytes;
}

static struct bytes data_field(const struct request* request) {
  const char* text = text_field(request, "data");
  if (strncmp(text, "fill:", 5) != 0) return hex_bytes(text, strlen(text));
  const char* star = strchr(text, '*');
  const struct bytes unit = hex_bytes(text + 5, (size_t)(star - text - 5));
  struct bytes bytes = {NULL, unit.size * strtoll(star + 1, NULL, 10)};
  bytes.data = malloc((size_t)bytes.size + 1);
  for (int64_t i = 0; i < bytes.size; ++i) bytes.data[i] = unit.data[i % unit.size];
  free(unit.data);
  return bytes;
}

static struct bytes percent_field(const struct request* request, const char* key) {
  const char* text = text_field(request, key);
  struct bytes bytes = {malloc(strlen(text) + 1), 0};
  for (; *text != 0; ++text) {
    if (*text == '%') {
      bytes.data[bytes.size++] = hex_byte(text + 1);
      text += 2;
    } else {
      bytes.data[bytes.size++] = (unsigned char)*text;
    }
  }
  bytes.data[bytes.size] = 0;
  return bytes;
}

/* ---- answers ---- */

static void print_percent(const char* text) {
  const char* plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._/-";
  for (; *text != 0; ++text) printf(strchr(plain, *text) != NULL ? "%c" : "%%%02X", (unsigned char)*text);
}

static void answer_error(int64_t result) {
  char kind[64];
  char message[1024];
  stdbind_error_kind_name(result, kind, sizeof kind);
  stdbind_last_error_message(message, sizeof message);
  printf("err %s os=%lld message=", kind, (long long)stdbind_last_error_os());
  print_percent(message);
}

/* "ok", with the result under `key` unless that is NULL. */
static void answer(int64_t result, const char* key) {
  if (result < 0)
    answer_error(result);
  else if (key == NULL)
    printf("ok");
  else
    printf("ok %s=%lld", key, (long long)result);
}

static void print_bytes(const unsigned char* data, int64_t size) {
  if (size > 256) {
    printf(" crc=%08" PRIx32, crc32_of(data, (size_t)size));
    return;
  }
  printf(" data=");
  for (int64_t i = 0; i < size; ++i) printf("%02x", data[i]);
}

static void answer_bytes(int64_t result, unsigned char* data) {
  answer(result, "n");
  if (result >= 0) print_bytes(data, result);
  free(data);
}

/* Room for what is to be read. A size that no buffer could have is left to the library to refuse. */
static unsigned char* buffer_for(int64_t size) {
  return size < 0 || size > (1LL << 32) ? NULL : malloc((size_t)size + 1);
}

/* ---- operations ---- */

/* An object that is busy has views, or prefaults that run. */
static void drop(stdbind_mmap* object) {
  if (*object == 0 || stdbind_mmap_is_closed(*object) != 0) return;
  if (stdbind_mmap_close(*object) != -STDBIND_ERROR_BUSY) return;
  for (int i = 0; i < MAX_OBJECTS; ++i)
    if (prefaults[i] != 0 && &objects[prefault_of[i]] == object) stdbind_prefault_close(prefaults[i]);
  while (stdbind_mmap_close(*object) == -STDBIND_ERROR_BUSY) stdbind_mmap_view_end(*object);
}

static void keep(const struct request* request, int64_t handle) {
  if (handle > 0) *object_field(request) = handle;
  answer(handle, NULL);
}

static void hello(const struct request* request) {
  (void)request;
  printf("ok language=c abi=%lld page=%lld tool=", (long long)stdbind_abi_version(), (long long)stdbind_page_size());
  print_percent(__VERSION__);
}

static void reset(const struct request* request) {
  (void)request;
  for (int i = 0; i < MAX_OBJECTS; ++i) {
    if (prefaults[i] != 0) stdbind_prefault_close(prefaults[i]);
    prefaults[i] = 0;
  }
  for (int i = 0; i < MAX_OBJECTS; ++i) {
    drop(&objects[i]);
    objects[i] = 0;
  }
  answer(stdbind_live_handles(), "live");
}

static void live(const struct request* request) {
  (void)request;
  answer(stdbind_live_handles(), "n");
}

static void page_size(const struct request* request) {
  (void)request;
  answer(stdbind_page_size(), "n");
}

static void map(const struct request* request) {
  drop(object_field(request));
  const struct bytes path = percent_field(request, "path");
  keep(request, stdbind_mmap_open_path_with((const char*)path.data, path.size, mode_field(request),
                                            offset_field(request), length_field(request),
                                            number_field(request, "address", 0), options_field(request)));
  free(path.data);
}

static void map_fd(const struct request* request) {
  drop(object_field(request));
  const struct bytes path = percent_field(request, "path");
  const int fd = open_descriptor((const char*)path.data, strcmp(text_field(request, "access"), "rw") == 0);
  keep(request, stdbind_mmap_open_fd_with(fd, mode_field(request), offset_field(request), length_field(request),
                                          number_field(request, "address", 0), options_field(request)));
  if (fd >= 0) close_descriptor(fd);
  free(path.data);
}

static void anon(const struct request* request) {
  drop(object_field(request));
  keep(request, stdbind_mmap_open_anonymous_with(number_field(request, "length", 0), mode_field(request),
                                                 number_field(request, "address", 0), options_field(request)));
}

static void beneath(const struct request* request) {
  drop(object_field(request));
  const struct bytes root = percent_field(request, "root");
  const struct bytes path = percent_field(request, "path");
  keep(request, stdbind_mmap_open_beneath((const char*)root.data, root.size, (const char*)path.data, path.size,
                                          mode_field(request), offset_field(request), length_field(request),
                                          options_field(request)));
  free(path.data);
  free(root.data);
}

static void create(const struct request* request) {
  drop(object_field(request));
  const struct bytes path = percent_field(request, "path");
  keep(request, stdbind_mmap_create_path((const char*)path.data, path.size, mode_field(request),
                                         number_field(request, "length", 0), options_field(request)));
  free(path.data);
}

static void named_create(const struct request* request) {
  drop(object_field(request));
  const struct bytes name = percent_field(request, "name");
  keep(request, stdbind_mmap_create_named((const char*)name.data, name.size, mode_field(request),
                                          number_field(request, "length", 0)));
  free(name.data);
}

static void named_open(const struct request* request) {
  drop(object_field(request));
  const struct bytes name = percent_field(request, "name");
  keep(request, stdbind_mmap_open_named((const char*)name.data, name.size, mode_field(request), offset_field(request),
                                        length_field(request)));
  free(name.data);
}

static void named_unlink(const struct request* request) {
  const struct bytes name = percent_field(request, "name");
  answer(stdbind_mmap_unlink_named((const char*)name.data, name.size), NULL);
  free(name.data);
}

static void sealed(const struct request* request) {
  drop(object_field(request));
  keep(request, stdbind_mmap_open_sealed(number_field(request, "length", 0), mode_field(request)));
}

static void handover(const struct request* request) {
  stdbind_mmap* const to = &objects[number_field(request, "to", 0) & (MAX_OBJECTS - 1)];
  drop(to);
  const int64_t fd = stdbind_mmap_descriptor(*object_field(request));
  if (fd < 0) {
    answer_error(fd);
    return;
  }
  const int64_t handle =
      stdbind_mmap_open_fd(fd, mode_field(request), offset_field(request), length_field(request), 0);
  close_descriptor((int)fd);
  if (handle > 0) *to = handle;
  answer(handle, NULL);
}

static void scoped(const struct request* request) {
  const struct bytes path = percent_field(request, "path");
  const int64_t size = number_field(request, "size", 0);
  unsigned char* data = buffer_for(size);
  const stdbind_mmap handle =
      stdbind_mmap_open_path((const char*)path.data, path.size, mode_field(request), 0, -1, 0);
  int64_t result = handle;
  if (handle > 0) {
    result = stdbind_mmap_read(handle, data, size);
    stdbind_mmap_close(handle);
  }
  answer(result, "n");
  if (result >= 0) {
    print_bytes(data, result);
    printf(" live=%lld", (long long)stdbind_live_handles());
  }
  free(data);
  free(path.data);
}

static void len(const struct request* request) { answer(stdbind_mmap_length(*object_field(request)), "n"); }
static void mode(const struct request* request) { answer(stdbind_mmap_mode(*object_field(request)), "n"); }
static void tell_cursor(const struct request* request) { answer(stdbind_mmap_tell(*object_field(request)), "pos"); }
static void is_mapped(const struct request* request) {
  answer(stdbind_mmap_is_mapped(*object_field(request)), "value");
}
static void is_stale(const struct request* request) { answer(stdbind_mmap_is_stale(*object_field(request)), "value"); }
static void is_closed(const struct request* request) {
  answer(stdbind_mmap_is_closed(*object_field(request)), "value");
}
static void close_object(const struct request* request) { answer(stdbind_mmap_close(*object_field(request)), NULL); }

static void read_cursor(const struct request* request) {
  const stdbind_mmap m = *object_field(request);
  int64_t size = number_field(request, "size", 0);
  if (size == -1) {
    const int64_t length = stdbind_mmap_length(m);
    if (length < 0) {
      answer_error(length);
      return;
    }
    size = length - stdbind_mmap_tell(m);
  }
  unsigned char* data = buffer_for(size);
  answer_bytes(stdbind_mmap_read(m, data, size), data);
}

static void read_at(const struct request* request) {
  const int64_t size = number_field(request, "size", 0);
  unsigned char* data = buffer_for(size);
  answer_bytes(stdbind_mmap_read_at(*object_field(request), offset_field(request), data, size), data);
}

static void write_cursor(const struct request* request) {
  const struct bytes bytes = data_field(request);
  answer(stdbind_mmap_write(*object_field(request), bytes.data, bytes.size), "n");
  free(bytes.data);
}

static void write_text(const struct request* request) {
  const struct bytes text = percent_field(request, "text");
  answer(stdbind_mmap_write(*object_field(request), text.data, text.size), "n");
  free(text.data);
}

static void write_at(const struct request* request) {
  const struct bytes bytes = data_field(request);
  answer(stdbind_mmap_write_at(*object_field(request), offset_field(request), bytes.data, bytes.size),
         "n");
  free(bytes.data);
}

static void seek(const struct request* request) {
  const char* whence = text_field(request, "whence");
  const int64_t from = strcmp(whence, "set") == 0   ? STDBIND_SEEK_SET
                       : strcmp(whence, "cur") == 0 ? STDBIND_SEEK_CUR
                                                    : STDBIND_SEEK_END;
  answer(stdbind_mmap_seek(*object_field(request), offset_field(request), from), "pos");
}

static void view(const struct request* request) {
  int64_t address = 0;
  const int64_t length = stdbind_mmap_view_begin(*object_field(request), offset_field(request),
                                                 length_field(request), &address);
  answer(length, "n");
  if (length < 0) return;
  print_bytes((const unsigned char*)(intptr_t)address, length);
  printf(" address=%lld", (long long)address);
}

static void unview(const struct request* request) { answer(stdbind_mmap_view_end(*object_field(request)), NULL); }

static void probe(const struct request* request) {
  answer(stdbind_mmap_probe(*object_field(request), offset_field(request),
                            length_field(request)),
         NULL);
}

static void update(const struct request* request) {
  const struct bytes bytes = data_field(request);
  answer(stdbind_mmap_update(*object_field(request), offset_field(request), bytes.data, bytes.size), "n");
  free(bytes.data);
}

static void read_direct(const struct request* request) {
  enum { UNIT = 4096 };
  const struct bytes path = percent_field(request, "path");
  const int64_t size = number_field(request, "size", 0);
  unsigned char* const room = size < 0 ? NULL : buffer_for(size < INT32_MAX ? size + UNIT : size);
  unsigned char* const data =
      room == NULL ? NULL : (unsigned char*)(((uintptr_t)room + UNIT - 1) & ~(uintptr_t)(UNIT - 1));
  const int64_t result =
      stdbind_read_direct((const char*)path.data, path.size, offset_field(request), data, size);
  answer(result, "n");
  if (result >= 0) print_bytes(data, result);
  free(room);
  free(path.data);
}

static void flush(const struct request* request) {
  answer(stdbind_mmap_flush(*object_field(request), offset_field(request), length_field(request)), NULL);
}

static void flush_async(const struct request* request) {
  answer(stdbind_mmap_flush_async(*object_field(request), offset_field(request), length_field(request)), NULL);
}

static void lock(const struct request* request) {
  answer(stdbind_mmap_lock(*object_field(request), offset_field(request), length_field(request)), NULL);
}

static void unlock(const struct request* request) {
  answer(stdbind_mmap_unlock(*object_field(request), offset_field(request), length_field(request)), NULL);
}

static void resident(const struct request* request) {
  answer(stdbind_mmap_resident(*object_field(request), offset_field(request), length_field(request)), "n");
}

static void resize(const struct request* request) {
  answer(stdbind_mmap_resize(*object_field(request), number_field(request, "length", 0)), NULL);
}

static void protect(const struct request* request) {
  answer(stdbind_mmap_protect(*object_field(request), mode_field(request)), NULL);
}

static void make_executable(const struct request* request) {
  answer(stdbind_mmap_make_executable(*object_field(request)), NULL);
}

static void positioned_limit(const struct request* request) {
  answer(stdbind_set_positioned_limit(number_field(request, "bytes", -1)), "n");
}

static void prefault(const struct request* request) {
  stdbind_prefault* const slot = prefault_field(request);
  if (*slot != 0) stdbind_prefault_close(*slot);
  const stdbind_prefault handle =
      stdbind_prefault_start(*object_field(request), offset_field(request), length_field(request),
                             number_field(request, "deadline", -1));
  if (handle > 0) {
    *slot = handle;
    prefault_of[slot - prefaults] = (int)(object_field(request) - objects);
  }
  answer(handle, NULL);
}

static void prefault_done(const struct request* request) {
  answer(stdbind_prefault_done(*prefault_field(request)), "n");
}
static void prefault_total(const struct request* request) {
  answer(stdbind_prefault_total(*prefault_field(request)), "n");
}
static void prefault_wait(const struct request* request) {
  answer(stdbind_prefault_wait(*prefault_field(request), number_field(request, "timeout", -1)), NULL);
}
static void prefault_cancel(const struct request* request) {
  answer(stdbind_prefault_cancel(*prefault_field(request)), NULL);
}
static void prefault_close(const struct request* request) {
  answer(stdbind_prefault_close(*prefault_field(request)), NULL);
}

static void advise(const struct request* request) {
  const char* names[] = {"normal", "sequential", "random", "will_need", "dont_need"};
  int64_t advice = 0;
  while (advice < 5 && strcmp(names[advice], text_field(request, "advice")) != 0) ++advice;
  answer(stdbind_mmap_advise(*object_field(request), offset_field(request),
                             length_field(request), advice),
         NULL);
}

static void exec(const struct request* request) {
  int64_t address = 0;
  const int64_t length =
      stdbind_mmap_view_begin(*object_field(request), offset_field(request), -1, &address);
  if (length < 0) {
    answer_error(length);
    return;
  }
  int64_t (*function)(void);
  const void* code = (const void*)(intptr_t)address;
  memcpy(&function, &code, sizeof function);
  answer(function(), "value");
  stdbind_mmap_view_end(*object_field(request));
}

static const struct {
  const char* name;
  void (*run)(const struct request*);
} operations[] = {
    {"hello", hello},
    {"bye", reset},
    {"reset", reset},
    {"live", live},
    {"page_size", page_size},
    {"positioned_limit", positioned_limit},
    {"map", map},
    {"map_fd", map_fd},
    {"anon", anon},
    {"beneath", beneath},
    {"create", create},
    {"named_create", named_create},
    {"named_open", named_open},
    {"named_unlink", named_unlink},
    {"sealed", sealed},
    {"handover", handover},
    {"scoped", scoped},
    {"len", len},
    {"mode", mode},
    {"is_mapped", is_mapped},
    {"is_stale", is_stale},
    {"read", read_cursor},
    {"write", write_cursor},
    {"write_text", write_text},
    {"read_at", read_at},
    {"write_at", write_at},
    {"update", update},
    {"read_direct", read_direct},
    {"seek", seek},
    {"tell", tell_cursor},
    {"view", view},
    {"unview", unview},
    {"probe", probe},
    {"flush", flush},
    {"flush_async", flush_async},
    {"advise", advise},
    {"lock", lock},
    {"unlock", unlock},
    {"resident", resident},
    {"resize", resize},
    {"protect", protect},
    {"make_executable", make_executable},
    {"prefault", prefault},
    {"prefault_done", prefault_done},
    {"prefault_total", prefault_total},
    {"prefault_wait", prefault_wait},
    {"prefault_cancel", prefault_cancel},
    {"prefault_close", prefault_close},
    {"exec", exec},
    {"is_closed", is_closed},
    {"close", close_object},
};

/* ---- lines ---- */

static void parse(char* line, struct request* request) {
  char* rest = NULL;
  line[strcspn(line, "\r\n")] = 0;
  request->seq = strtok_r(line, " ", &rest);
  request->operation = strtok_r(NULL, " ", &rest);
  request->count = 0;
  for (char* field = strtok_r(NULL, " ", &rest); field != NULL; field = strtok_r(NULL, " ", &rest)) {
    char* equals = strchr(field, '=');
    if (equals == NULL || request->count == MAX_FIELDS) continue;
    *equals = 0;
    request->keys[request->count] = field;
    request->values[request->count++] = equals + 1;
  }
}

static int opens(const char* operation) {
  static const char* const names[] = {"map",    "map_fd",       "anon",       "beneath",
                                      "create", "named_create", "named_open", "sealed"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; ++i)
    if (strcmp(names[i], operation) == 0) return 1;
  return 0;
}

/* Whether the request names a number that holds nothing, where something must be. */
static int names_nothing(const struct request* request) {
  if (text_field(request, "m") != NULL && *object_field(request) == 0 && !opens(request->operation)) return 1;
  return text_field(request, "p") != NULL && *prefault_field(request) == 0 &&
         strcmp(request->operation, "prefault") != 0;
}

static void serve(const struct request* request) {
  printf("%s ", request->seq);
  if (names_nothing(request)) {
    printf("err closed os=0 message=");
    return;
  }
  for (size_t i = 0; i < sizeof operations / sizeof operations[0]; ++i) {
    if (strcmp(operations[i].name, request->operation) != 0) continue;
    operations[i].run(request);
    return;
  }
  printf("unsupported");
}

int main(int argc, char** argv) {
  prepare_streams();
  FILE* input = argc > 1 ? fopen(argv[1], "r") : stdin;
  if (input == NULL) {
    perror(argv[1]);
    return 1;
  }
  char* line = NULL;
  size_t room = 0;
  int ended = 0;
  while (!ended && getline(&line, &room, input) > 0) {
    struct request request;
    parse(line, &request);
    if (request.operation == NULL) continue;
    serve(&request);
    printf("\n");
    fflush(stdout);
    ended = strcmp(request.operation, "bye") == 0;
  }
  free(line);
  if (input != stdin) fclose(input);
  return 0;
}
