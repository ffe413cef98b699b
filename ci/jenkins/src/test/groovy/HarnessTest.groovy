import static org.junit.jupiter.api.Assertions.assertEquals
import static org.junit.jupiter.api.Assertions.assertThrows
import static org.junit.jupiter.api.Assertions.assertTrue

import harness.Run
import harness.Scenario
import org.junit.jupiter.api.Test
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.MethodSource

/** The harness behaves as the documentation of declarative pipelines says, so that the other tests mean something. */
class HarnessTest {
    static Run run(String text, Scenario scenario = new Scenario()) {
        return Run.of(text, scenario)
    }

    static String stages(String body) {
        return "pipeline { agent none\n stages { ${body} } }"
    }

    static String stage(String name, String command, String more = '') {
        return "stage('${name}') { agent { label 'x' }\n steps { sh '${command}' }\n ${more} }\n"
    }

    @Test
    void 'after an error later stages are skipped and conditions run in their order, cleanup last'() {
        def post = "post { cleanup { echo 'cleanup' }\n failure { echo 'failure' }\n success { echo 'success' }\n unsuccessful { echo 'unsuccessful' }\n always { echo 'always' } }"
        def found = run(stages(stage('One', 'bad', post) + stage('Two', 'good')), new Scenario().on('bad', exit: 1))
        assertEquals(['always', 'failure', 'unsuccessful', 'cleanup'], found.build.all('echo'))
        assertEquals(['bad'], found.build.all('sh'))
        assertEquals(['Two: an earlier failure'], found.build.all('skipped'))
        assertEquals('FAILURE', found.build.result)
        assertEquals('script returned exit code 1', found.error.message)
    }

    @Test
    void 'a failing condition fails the build, and the other conditions still run'() {
        def found = run(stages(stage('One', 'good', "post { always { error 'late' }\n cleanup { echo 'cleanup' } }")))
        assertEquals('FAILURE', found.build.result)
        assertEquals(['cleanup'], found.build.all('echo'))
        assertEquals('late', found.error.message)
    }

    @Test
    void 'a stage of stages fails with the first of them, and its conditions run without their agents'() {
        def outer = "stage('Outer') { stages { ${stage('A', 'bad')} ${stage('B', 'good')} }\n post { failure { echo 'outer' } } }"
        def found = run(stages(outer), new Scenario().on('bad', exit: 1))
        assertEquals(['B: an earlier failure'], found.build.all('skipped'))
        assertEquals([null], found.build.events.findAll { it.kind == 'echo' }*.node)
    }

    @Test
    void 'a matrix runs every combination that is not excluded, to the end although one fails'() {
        def axes = "axes { axis { name 'A'\n values '1', '2' }\n axis { name 'B'\n values 'x', 'y' } }"
        def excludes = "excludes { exclude { axis { name 'A'\n values '1' }\n axis { name 'B'\n notValues 'x' } } }"
        def matrix = "stage('M') { matrix { agent { label 'x' }\n ${axes}\n ${excludes}\n stages { stage('S') { steps { sh 'run \$A \$B' } } } } }"
        def found = run(stages(matrix), new Scenario().on('run 1 x', exit: 1))
        assertEquals(['run 1 x', 'run 2 x', 'run 2 y'], found.build.all('sh').sort())
        assertEquals('FAILURE', found.build.result)
    }

    @Test
    void 'an agent is only spared by a condition that comes before it'() {
        def spared = run(stages(stage('One', 'no', "when { beforeAgent true\n expression { false } }")))
        def taken = run(stages(stage('One', 'no', 'when { expression { false } }')))
        assertEquals([], spared.build.all('checkout'))
        assertEquals(['scm'], taken.build.all('checkout'))
        assertEquals([], spared.build.all('sh') + taken.build.all('sh'))
    }

    @Test
    void 'every agent starts with an empty workspace'() {
        def found = run(stages(stage('One', 'write') + stage('Two', 'look')), new Scenario().on('write', writes: ['a.txt': 'a']))
        assertEquals([:], found.build.one('sh', 'look').files)
    }

    @Test
    void 'what is interrupted is aborted, not failed'() {
        def world = new Scenario(answers: [Q: new org.jenkinsci.plugins.workflow.steps.FlowInterruptedException('no')])
        def found = run(stages("stage('One') { steps { input(id: 'Q', message: 'sure?') }\n post { aborted { echo 'aborted' }\n failure { echo 'failure' } } }"), world)
        assertEquals('ABORTED', found.build.result)
        assertEquals(['aborted'], found.build.all('echo'))
    }

    @Test
    void 'an unstable build skips later stages where the options say so'() {
        def text = "pipeline { agent none\n options { skipStagesAfterUnstable() }\n stages { stage('One') { steps { script { currentBuild.result = 'UNSTABLE' } } }\n ${stage('Two', 'go')} } }"
        assertEquals(['Two: the build is unstable'], run(text).build.all('skipped'))
        assertEquals(['go'], run(text.replace('skipStagesAfterUnstable()', 'timestamps()')).build.all('sh'))
    }

    @Test
    void 'a result only gets worse'() {
        def found = run(stages("stage('One') { steps { script { currentBuild.result = 'FAILURE'\n currentBuild.result = 'SUCCESS' } } }"))
        assertEquals('FAILURE', found.build.result)
    }

    static List<Object[]> refused() {
        return [
            ["stage('One') { steps { sh 'x' } }", "sh: Required context class hudson.FilePath is missing"],
            ["stage('One') { agent { label 'x' } }", "stage 'One' must have exactly one of steps, stages and matrix"],
            ["stage('One') { steps { echo 'x' } }; stage('One') { steps { echo 'x' } }", "stage 'One' is there twice"],
            ["stage('One') { steps { unstash 'x' } }", "unstash: Required context class"],
            ["stage('One') { agent { label 'x' }; steps { unstash 'x' } }", "No such saved stash 'x'"],
            ["stage('One') { agent { label 'x' }; steps { stash name: 'x', includes: 'a/**' } }", "No files included in stash 'x'"],
            ["stage('One') { agent { label 'x' }; steps { readFile 'x' } }", "x"],
            ["stage('One') { agent { label 'x' }; steps { junit testResults: 'x' } }", "junit: nothing matches x"],
            ["stage('One') { steps { echo 'x' }; post { sometimes { echo 'x' } } }", "the harness knows no post condition sometimes"],
            ["stage('One') { steps { emailext 'x' } }", "No signature of method: Jenkinsfile.emailext()"],
            ["stage('One') { steps { echo 'x' }; retries { 3 } }", "No signature of method: harness.Stage.retries()"],
            ["stage('One') { matrix { stages { stage('S') { steps { echo 'x' } } } } }", "a matrix needs axes and stages"],
        ]*.toArray()
    }

    @ParameterizedTest
    @MethodSource('refused')
    void 'what Jenkins refuses is refused'(String body, String message) {
        def found = run(stages(body))
        assertTrue("${found.error?.message}".startsWith(message), "${found.error}".toString())
        assertEquals('FAILURE', found.build.result)
    }

    @Test
    void 'a question that the scenario does not answer is an error of the test'() {
        def error = assertThrows(Error) { run(stages("stage('One') { steps { input(id: 'Q', message: 'sure?') } }")) }
        assertEquals("the scenario has no answer to the input 'Q'", error.message)
    }
}
