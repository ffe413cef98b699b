package hudson

/** What a step throws when it fails, under the name that Jenkins gives it. */
class AbortException extends IOException {
    AbortException(String message) {
        super(message)
    }
}
