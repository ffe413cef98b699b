import static org.junit.jupiter.api.Assertions.assertEquals
import static org.junit.jupiter.api.Assertions.assertTrue

import harness.Rules
import org.junit.jupiter.api.Test
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.MethodSource

/** The Jenkinsfile keeps what Jenkins checks on its text; each rule can be broken. */
class RulesTest {
    static final String TEXT = Fixture.JENKINSFILE.text

    @Test
    void 'the Jenkinsfile is a declarative pipeline by its text'() {
        assertEquals([], Rules.problemsOf(TEXT))
    }

    static List<Object[]> broken() {
        return [
            ["steps { sh 'nox -s local' }", "steps { if (true) { sh 'nox -s local' } }", "only steps may stand here"],
            ["steps { sh 'nox -s local' }", "steps { def x = 1 }", "only steps may stand here"],
            ["cleanup { deleteDir() }", "cleanup { for (x in [1]) { deleteDir() } }", "only steps may stand here"],
            ["values '${Fixture.PACKAGES[0]}',".toString(), "values names(),", "values takes constants, got this.names()"],
            ["stage('Plan') {", "stage(PLAN) {", "stage takes constants, got PLAN"],
            ["agent none", "agent none; def x = 1", "pipeline holds directives, not statements"],
            ["pipeline {", "pipelines {", "0 pipeline blocks"],
        ]*.toArray()
    }

    @ParameterizedTest
    @MethodSource('broken')
    void 'what Jenkins refuses is found'(String from, String to, String problem) {
        assertTrue(TEXT.contains(from), from)
        def problems = Rules.problemsOf(TEXT.replace(from, to))
        assertTrue(problems.any { it.contains(problem) }, problems.toString())
    }

    @Test
    void 'no secret and no account stands in the Jenkinsfile'() {
        assertTrue(!(TEXT =~ /AKIA|ASIA|aws_secret|\d{12}|arn:/), 'a key, an account or an ARN')
    }
}
