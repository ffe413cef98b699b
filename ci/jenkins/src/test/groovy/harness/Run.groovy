package harness

import com.lesfurets.jenkins.unit.MockPipelineScript
import com.lesfurets.jenkins.unit.PipelineTestHelper

import java.nio.file.Files

/** Loads a Jenkinsfile with JenkinsPipelineUnit and runs it for one scenario. */
class Run {
    private static final Map<File, QuickHelper> HELPERS = [:] // a Jenkinsfile is compiled once

    final Build build = new Build()
    Throwable error

    static Run of(String text, Scenario scenario = new Scenario()) {
        def folder = Files.createTempDirectory('jenkinsfile').toFile()
        try {
            def file = new File(folder, 'Jenkinsfile')
            file.text = text
            return of(file, scenario)
        } finally {
            folder.deleteDir()
        }
    }

    static Run of(File jenkinsfile, Scenario scenario) {
        def run = new Run()
        try {
            run.start(jenkinsfile, scenario)
        } catch (Exception thrown) {
            run.error = thrown
            run.build.setResult(run.build.result ?: 'FAILURE')
        }
        return run
    }

    private void start(File jenkinsfile, Scenario scenario) {
        def binding = new Binding(variables(scenario))
        def helper = HELPERS.computeIfAbsent(jenkinsfile) { new QuickHelper(it.parentFile) }
        new Steps(build, scenario, binding).registerIn(helper)
        def script = helper.loadScript(jenkinsfile.name, binding)
        helper.registerAllowedMethod('pipeline', [Closure]) { body -> new Interpreter(build, script).run(body) }
        script.run()
    }

    /** Parameters are also variables of every shell, as in Jenkins. */
    private Map variables(Scenario scenario) {
        def params = [:] + scenario.params
        return [params: params, env: new Environment(params, scenario.env), currentBuild: build, scm: 'scm',
            checkChoices: scenario.checkChoices]
    }

    private static class Environment extends HashMap<String, Object> {
        private final Map params

        Environment(Map params, Map more) {
            super(more)
            this.params = params
        }

        @Override
        Object get(Object name) {
            return containsKey(name) ? super.get(name) : params.get(name)
        }
    }

    /** Without the library's own record of calls, which takes a stack trace for each. */
    private static class QuickHelper extends PipelineTestHelper {
        QuickHelper(File folder) {
            super([folder.path] as String[], '', MockPipelineScript, [:], Run.classLoader, folder.path)
            init()
        }

        @Override
        Object getMethodInterceptor() {
            return { String name, Object[] arguments ->
                def step = getAllowedMethodEntry(name, arguments)
                if (step) {
                    return callClosure(step.value, arguments)
                }
                def own = delegate.metaClass.getMetaMethod(name, arguments)
                if (own) {
                    return own.doMethodInvoke(delegate, arguments)
                }
                throw new MissingMethodException(name, delegate.class, arguments)
            }
        }
    }
}
