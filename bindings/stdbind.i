/* The SWIG interface of abi.h, for SWIG's own back ends and for the reader of `stdbind generate` alike. What is only
 * for one back end stands under its macro; everything else is the header itself. */
%module stdbind

%{
#include <stdbind/abi.h>
%}

%include <stdint.i>

#ifdef SWIGPYTHON
/* A flat module: functions and constants with the names of C, negative numbers for errors. Run swig with -threads, so
 * that other threads of Python run during a call. */
%include <typemaps.i>

/* Python finds its entry points by name. */
%ignore stdbind_api_table;

/* One object stands for a pointer and its length. It stays locked while the call runs without Python's own lock. A
 * number instead of an object passes no memory and that length, for the library to answer. */
%define %buffer_of_bytes(ARGUMENTS, FLAGS)
%typemap(in, doc="$1_name: a bytes-like object") ARGUMENTS (Py_buffer view = {0}) {
  if (PyLong_Check($input)) {
    $1 = NULL;
    $2 = PyLong_AsLongLong($input);
    if ($2 == -1 && PyErr_Occurred()) SWIG_fail;
  } else {
    if (PyObject_GetBuffer($input, &view, FLAGS) != 0) SWIG_fail;
    $1 = view.buf;
    $2 = view.len;
  }
}
%typemap(freearg) ARGUMENTS { PyBuffer_Release(&view$argnum); }
%typemap(typecheck, precedence=SWIG_TYPECHECK_POINTER) ARGUMENTS {
  $1 = PyObject_CheckBuffer($input) || PyLong_Check($input);
}
%enddef
%buffer_of_bytes((void *buffer, int64_t length), PyBUF_WRITABLE)
%buffer_of_bytes((char *buffer, int64_t size), PyBUF_WRITABLE)
%buffer_of_bytes((const void *data, int64_t length), PyBUF_SIMPLE)

/* A path is text, bytes, or anything with __fspath__; a NUL inside it is for the library to refuse. */
%typemap(in, doc="path: str, bytes or os.PathLike") (const char *path, int64_t path_length) (PyObject *bytes = NULL) {
  PyObject *path = PyOS_FSPath($input);
  if (path == NULL) SWIG_fail;
  if (PyUnicode_Check(path)) {
    bytes = PyUnicode_EncodeFSDefault(path);
    Py_DECREF(path);
  } else {
    bytes = path;
  }
  if (bytes == NULL) SWIG_fail;
  $1 = PyBytes_AS_STRING(bytes);
  $2 = PyBytes_GET_SIZE(bytes);
}
%typemap(freearg) (const char *path, int64_t path_length) { Py_XDECREF(bytes$argnum); }

/* Directories and the names of shared memory are texts of the same kind. */
%apply (const char *path, int64_t path_length) {
  (const char *root, int64_t root_length), (const char *name, int64_t name_length)
};

/* The address of a view comes back beside its length. */
%apply int64_t *OUTPUT { int64_t *address };
#endif

%include <stdbind/abi.h>
