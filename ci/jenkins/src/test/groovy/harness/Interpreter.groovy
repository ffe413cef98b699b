package harness

import org.codehaus.groovy.runtime.InvokerInvocationException
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException

/**
 * Runs a declarative pipeline as Jenkins does: `when` before or after the agent, a fresh workspace per agent, later stages
 * skipped after an error, every matrix cell to its end, post conditions in their order. Cells run one after another here.
 */
class Interpreter {
    final Build build
    final Script script
    private Pipeline pipeline

    Interpreter(Build build, Script script) {
        this.build = build
        this.script = script
    }

    void run(Closure body) {
        pipeline = new Reader(binding: script.binding).pipeline(body)
        runAround(pipeline) { runStages(pipeline.stages) }
    }

    private void runStages(List<Stage> stages) {
        Throwable first = null
        for (stage in stages) {
            def reason = first != null ? 'an earlier failure' : isUnstable() ? 'the build is unstable' : null
            if (reason) {
                build.record('skipped', "${stage.name}: ${reason}")
                continue
            }
            first = attempt(stage.name) { runConditionally(stage) { runStage(stage) } }
        }
        if (first) {
            throw first
        }
    }

    private void runStage(Stage stage) {
        if (stage.matrix) {
            runMatrix(stage.matrix)
        } else if (stage.steps) {
            execute(stage.steps)
        } else {
            runStages(stage.stages)
        }
    }

    private void runMatrix(Matrix matrix) {
        def errors = matrix.cells().collect { cell ->
            def name = 'Matrix - ' + cell.collect { axis, value -> "${axis} = '${value}'" }.join(', ')
            def env = script.binding.getVariable('env') as Map
            env.putAll(cell)
            try {
                attempt(name) { runConditionally(matrix) { runStages(matrix.stages) } }
            } finally {
                cell.keySet().each { env.remove(it) }
            }
        }
        def first = errors.find { it != null }
        if (first) {
            throw first
        }
    }

    /** The error that the body ended with, after the build's result took it in. */
    private Exception attempt(String name, Closure body) {
        build.stages << name
        try {
            body.call()
            return null
        } catch (Exception error) {
            build.setResult(resultOf(error))
            return unwrapped(error)
        } finally {
            build.stages.remove(build.stages.size() - 1)
        }
    }

    private void runConditionally(Running part, Closure body) {
        if (part.when?.beforeAgent && !isMet(part.when)) {
            return
        }
        inAgent(part.label) {
            if (part.when == null || part.when.beforeAgent || isMet(part.when)) {
                runAround(part, body)
            }
        }
    }

    private boolean isMet(When when) {
        def met = execute(when.expression)
        if (!met) {
            build.record('skipped', "${build.stages.last()}: when")
        }
        return met
    }

    private void inAgent(String label, Closure body) {
        if (label == null) {
            body.call()
            return
        }
        build.nodes << new Build.Workspace(label: label)
        build.record('checkout', 'scm')
        try {
            body.call()
        } finally {
            build.nodes.remove(build.nodes.size() - 1)
        }
    }

    private void runAround(Running part, Closure body) {
        if (part.options.all.timeout) {
            build.record('timeout', "${part.options.all.timeout.time} ${part.options.all.timeout.unit}")
        }
        Throwable error = null
        try {
            body.call()
        } catch (Exception failed) {
            error = unwrapped(failed)
            build.setResult(resultOf(error))
        }
        part.post.meeting(build.currentResult).each { condition ->
            try {
                execute(part.post.conditions[condition])
            } catch (Exception failed) {
                build.setResult(resultOf(failed))
                error = error ?: unwrapped(failed)
            }
        }
        if (error) {
            throw error
        }
    }

    private boolean isUnstable() {
        return build.result == 'UNSTABLE' && pipeline.options.all.skipStagesAfterUnstable
    }

    /** Steps and conditions see the script, not the sections around them. */
    private Object execute(Closure body) {
        return body.rehydrate(script, script, script).call()
    }

    private static String resultOf(Throwable error) {
        return unwrapped(error) instanceof FlowInterruptedException ? 'ABORTED' : 'FAILURE'
    }

    private static Throwable unwrapped(Throwable error) {
        return error instanceof InvokerInvocationException && error.cause ? unwrapped(error.cause) : error
    }

    private static class Reader extends Section {
        Pipeline pipeline(Closure body) {
            return read(new Pipeline(), body)
        }
    }
}
