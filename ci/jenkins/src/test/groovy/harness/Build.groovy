package harness

import hudson.AbortException

/** One build as it goes: its result, its nodes with their workspaces, and the record of what happened. */
class Build {
    static final List<String> RESULTS = ['SUCCESS', 'UNSTABLE', 'FAILURE', 'NOT_BUILT', 'ABORTED']

    String result
    String description
    final List<Event> events = []
    final List<String> stages = []
    final List<Workspace> nodes = []
    final List<String> credentials = []
    final Map<String, Map<String, String>> stashes = [:]

    /** A result only gets worse, as in Jenkins. */
    void setResult(String worse) {
        if (!RESULTS.contains(worse)) {
            throw new IllegalArgumentException("no result is called ${worse}")
        }
        if (result == null || RESULTS.indexOf(worse) > RESULTS.indexOf(result)) {
            result = worse
        }
    }

    String getCurrentResult() {
        return result ?: 'SUCCESS'
    }

    void record(String kind, Object what) {
        events << new Event(kind: kind, what: "${what}".toString(), stage: stages.join(' / '),
            node: nodes ? nodes.last().label : null, credentials: credentials.collect { it },
            files: nodes ? [:] + nodes.last().files : [:])
    }

    /** The workspace of the node at hand; a step that needs one fails outside of nodes. */
    Workspace workspace(String step) {
        if (!nodes) {
            throw new AbortException("${step}: Required context class hudson.FilePath is missing; perhaps you forgot a node")
        }
        return nodes.last()
    }

    List<String> all(String kind) {
        return events.findAll { it.kind == kind }*.what
    }

    /** The one event of that kind that matches. */
    Event one(String kind, String pattern) {
        def found = events.findAll { it.kind == kind && it.what =~ pattern }
        assert found.size() == 1: "${found.size()} events ${kind} match ${pattern}"
        return found[0]
    }

    int indexOf(String kind, String pattern) {
        return events.indexOf(one(kind, pattern))
    }

    static class Event {
        String kind
        String what
        String stage
        String node
        List<String> credentials
        Map<String, String> files

        @Override
        String toString() {
            return "[${stage}] ${kind} ${what}"
        }
    }

    static class Workspace {
        String label
        final Map<String, String> files = [:]

        Map<String, String> matching(String patterns) {
            def wanted = patterns.split(',')*.trim().collect { java.nio.file.FileSystems.default.getPathMatcher("glob:${it}") }
            return files.findAll { path, text -> wanted.any { it.matches(java.nio.file.Paths.get(path)) } }
        }
    }
}
