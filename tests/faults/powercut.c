/* Preloaded into a process, writes down what it does to one SQLite database and its log, byte by byte and sync by sync, so that a test can
   put the disk together as a power cut at any moment may leave it. POWERCUT_DATABASE names the file, POWERCUT_JOURNAL where to write. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int journal = -1;

#define REAL(name, type) static type real; if (!real) real = (type)dlsym(RTLD_NEXT, name)

/* 'd' for the database, 'w' for its write-ahead log, 0 for anything else. */
static char which(int fd) {
    static char *database;
    char link[64], path[PATH_MAX];
    if (!database && !(database = getenv("POWERCUT_DATABASE"))) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    size_t own = strlen(database);
    if (strncmp(path, database, own)) return 0;
    return !strcmp(path + own, "") ? 'd' : !strcmp(path + own, "-wal") ? 'w' : 0;
}

static void note(char kind, char file, uint64_t offset, const void *data, uint64_t length) {
    struct iovec parts[4] = {{&kind, 1}, {&file, 1}, {(uint64_t[]){offset, length}, 16}, {(void *)data, data ? length : 0}};
    pthread_mutex_lock(&lock);
    if (journal < 0) journal = open(getenv("POWERCUT_JOURNAL"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (writev(journal, parts, 4) < 0) abort();
    pthread_mutex_unlock(&lock);
}

typedef ssize_t (*pwrite_t)(int, const void *, size_t, off_t);
typedef ssize_t (*write_t)(int, const void *, size_t);
typedef int (*truncate_t)(int, off_t);
typedef int (*sync_t)(int);

ssize_t pwrite64(int fd, const void *data, size_t length, off_t offset) {
    REAL("pwrite64", pwrite_t);
    char file = which(fd);
    ssize_t done = real(fd, data, length, offset);
    if (file && done > 0) note('w', file, offset, data, done);
    return done;
}
ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) { return pwrite64(fd, data, length, offset); }

ssize_t write(int fd, const void *data, size_t length) {
    REAL("write", write_t);
    char file = which(fd);
    off_t offset = file ? lseek(fd, 0, SEEK_CUR) : 0;
    ssize_t done = real(fd, data, length);
    if (file && done > 0) note('w', file, offset, data, done);
    return done;
}

int ftruncate64(int fd, off_t length) {
    REAL("ftruncate64", truncate_t);
    char file = which(fd);
    int done = real(fd, length);
    if (file && !done) note('t', file, length, NULL, 0);
    return done;
}
int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

int fdatasync(int fd) {
    REAL("fdatasync", sync_t);
    char file = which(fd);
    int done = real(fd);
    if (file && !done) note('s', file, 0, NULL, 0);
    return done;
}
int fsync(int fd) {
    REAL("fsync", sync_t);
    char file = which(fd);
    int done = real(fd);
    if (file && !done) note('s', file, 0, NULL, 0);
    return done;
}
