/* Counts the steps of a script, in all processes that it consists of, and kills all of them before a given one.
 *
 * A step is a call that changes something (a file, a name, an attribute, what is on the disk) or that starts a program.
 * STEPS_FILE holds two integers: the count, and the step to die before. STEPS_GROUP is the script's process group. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static volatile int *steps;

__attribute__((constructor)) static void begin(void) {
  const char *name = getenv("STEPS_FILE");
  int (*opens)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
  int file = name ? opens(name, O_RDWR | O_CLOEXEC) : -1;
  if (file < 0) return;
  void *place = mmap(NULL, 2 * sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (place != MAP_FAILED) steps = place;
  close(file);
}

static void step(void) {
  if (!steps || __sync_add_and_fetch(&steps[0], 1) != steps[1]) return;
  const char *group = getenv("STEPS_GROUP");
  if (group) kill(-atoi(group), SIGKILL);
  kill(0, SIGKILL);
}

#define REAL(name) __typeof__(&name) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)
#define COUNTED(type, name, arguments, values) \
  type name arguments {                        \
    REAL(name);                                \
    step();                                    \
    return real values;                        \
  }
#define OPENS(name, before, values)                                             \
  int name before {                                                             \
    REAL(name);                                                                 \
    va_list more;                                                               \
    va_start(more, flags);                                                      \
    mode_t mode = va_arg(more, mode_t);                                         \
    va_end(more);                                                               \
    if (flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)) step();                \
    return real values;                                                         \
  }

OPENS(open, (const char *path, int flags, ...), (path, flags, mode))
OPENS(open64, (const char *path, int flags, ...), (path, flags, mode))
OPENS(openat, (int at, const char *path, int flags, ...), (at, path, flags, mode))
OPENS(openat64, (int at, const char *path, int flags, ...), (at, path, flags, mode))
COUNTED(ssize_t, write, (int file, const void *data, size_t size), (file, data, size))
COUNTED(int, rename, (const char *from, const char *to), (from, to))
COUNTED(int, renameat, (int a, const char *from, int b, const char *to), (a, from, b, to))
COUNTED(int, renameat2, (int a, const char *from, int b, const char *to, unsigned int f), (a, from, b, to, f))
COUNTED(int, link, (const char *from, const char *to), (from, to))
COUNTED(int, linkat, (int a, const char *from, int b, const char *to, int f), (a, from, b, to, f))
COUNTED(int, unlink, (const char *path), (path))
COUNTED(int, unlinkat, (int at, const char *path, int f), (at, path, f))
COUNTED(int, mkdir, (const char *path, mode_t mode), (path, mode))
COUNTED(int, mkdirat, (int at, const char *path, mode_t mode), (at, path, mode))
COUNTED(int, rmdir, (const char *path), (path))
COUNTED(int, symlink, (const char *to, const char *path), (to, path))
COUNTED(int, symlinkat, (const char *to, int at, const char *path), (to, at, path))
COUNTED(int, mkfifo, (const char *path, mode_t mode), (path, mode))
COUNTED(int, chmod, (const char *path, mode_t mode), (path, mode))
COUNTED(int, fchmod, (int file, mode_t mode), (file, mode))
COUNTED(int, fchmodat, (int at, const char *path, mode_t mode, int f), (at, path, mode, f))
COUNTED(int, chown, (const char *path, uid_t user, gid_t group), (path, user, group))
COUNTED(int, lchown, (const char *path, uid_t user, gid_t group), (path, user, group))
COUNTED(int, fchown, (int file, uid_t user, gid_t group), (file, user, group))
COUNTED(int, fchownat, (int at, const char *path, uid_t user, gid_t group, int f), (at, path, user, group, f))
COUNTED(int, ftruncate, (int file, off_t size), (file, size))
COUNTED(int, fsync, (int file), (file))
COUNTED(int, fdatasync, (int file), (file))
COUNTED(int, execve, (const char *path, char *const arguments[], char *const environment[]),
        (path, arguments, environment))
COUNTED(int, execvp, (const char *path, char *const arguments[]), (path, arguments))
