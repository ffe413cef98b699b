package harness

import com.lesfurets.jenkins.unit.PipelineTestHelper
import hudson.AbortException

/** The pipeline steps that the Jenkinsfile may use, as Jenkins' steps behave; any other step is an error. */
class Steps {
    final Build build
    final Scenario scenario
    final Binding binding

    Steps(Build build, Scenario scenario, Binding binding) {
        this.build = build
        this.scenario = scenario
        this.binding = binding
    }

    void registerIn(PipelineTestHelper helper) {
        def plain = ['sh', 'echo', 'error', 'unstash', 'readFile', 'input', 'junit', 'archiveArtifacts', 'stash',
            'checkout', 'aws']
        plain.each { String name -> helper.registerAllowedMethod(name, [Object], { argument -> this."$name"(argument) }) }
        helper.registerAllowedMethod('deleteDir', []) { deleteDir() }
        helper.registerAllowedMethod('node', [Object, Closure]) { label, body -> node("${label}".toString(), body) }
        helper.registerAllowedMethod('script', [Closure]) { body -> body.call() }
        helper.registerAllowedMethod('timeout', [Map, Closure]) { Map time, body -> timeout(time, body) }
        helper.registerAllowedMethod('withCredentials', [List, Closure]) { list, body -> withCredentials(list, body) }
    }

    /** Records the command as the shell would run it, then ends it as the scenario says. */
    Object sh(Object argument) {
        Map how = argument instanceof Map ? argument : [script: argument]
        def workspace = build.workspace('sh')
        def command = expand("${how.script}".toString())
        build.record('sh', command)
        def answer = scenario.answerTo(command)
        workspace.files.putAll(answer.files(command))
        if (how.returnStatus) {
            return answer.exit
        }
        if (answer.exit) {
            throw new AbortException("script returned exit code ${answer.exit}")
        }
        return how.returnStdout ? answer.stdout : null
    }

    void echo(Object message) {
        build.record('echo', message)
    }

    void error(Object message) {
        throw new AbortException("${message}")
    }

    void checkout(Object scm) {
        build.workspace('checkout')
        build.record('checkout', scm)
    }

    void deleteDir() {
        build.workspace('deleteDir').files.clear()
        build.record('deleteDir', '')
    }

    String readFile(Object path) {
        def text = build.workspace('readFile').files["${path}".toString()]
        if (text == null) {
            throw new FileNotFoundException("${path}")
        }
        return text
    }

    void stash(Object how) {
        def files = build.workspace('stash').matching(how.includes)
        if (!files) {
            throw new AbortException("No files included in stash '${how.name}'")
        }
        build.stashes[how.name] = files
        build.record('stash', "${how.name}: ${files.keySet().sort().join(' ')}")
    }

    void unstash(Object name) {
        def workspace = build.workspace('unstash')
        def files = build.stashes["${name}".toString()]
        if (files == null) {
            throw new AbortException("No such saved stash '${name}'")
        }
        workspace.files.putAll(files)
        build.record('unstash', name)
    }

    void junit(Object how) {
        collect('junit', how.testResults, how.allowEmptyResults)
    }

    void archiveArtifacts(Object how) {
        collect('archive', how.artifacts, how.allowEmptyArchive)
    }

    /** The answer to a question: the name of who accepted, or the exception that ends it. */
    Object input(Object how) {
        build.record('input', "${how.id} (${how.submitter}): ${how.message}")
        def answer = scenario.answers[how.id]
        if (answer == null) {
            throw new Error("the scenario has no answer to the input '${how.id}'")
        }
        if (answer instanceof Throwable) {
            throw answer
        }
        return how.submitterParameter ? answer : null
    }

    Map aws(Object how) {
        return how
    }

    Object node(String label, Closure body) {
        build.nodes << new Build.Workspace(label: label)
        try {
            return body.call()
        } finally {
            build.nodes.remove(build.nodes.size() - 1)
        }
    }

    Object timeout(Map time, Closure body) {
        build.record('timeout', "${time.time} ${time.unit}")
        return body.call()
    }

    Object withCredentials(List bindings, Closure body) {
        def ids = bindings*.credentialsId.collect { "${it}".toString() }
        ids.each { build.credentials << it }
        try {
            return body.call()
        } finally {
            ids.each { build.credentials.remove(build.credentials.size() - 1) }
        }
    }

    private void collect(String kind, Object patterns, Object mayBeEmpty) {
        def found = build.workspace(kind).matching("${patterns}".toString())
        if (!found && !mayBeEmpty) {
            throw new AbortException("${kind}: nothing matches ${patterns}")
        }
        build.record(kind, found ? found.keySet().sort().join(' ') : 'nothing')
    }

    /** Variables in a command, from the parameters and the environment that Jenkins gives to every shell. */
    private String expand(String command) {
        return command.replaceAll(/\$([A-Z_]+)/) { whole, name -> "${binding.env[name] ?: ''}" }.replace('"', '')
    }
}
