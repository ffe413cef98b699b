import groovy.json.JsonOutput
import harness.Build
import harness.Run
import harness.Scenario

/** What the scenarios of ci/Jenkinsfile have in common. */
class Fixture {
    static final File JENKINSFILE = new File(System.getProperty('jenkinsfile')).canonicalFile
    static final List<String> PACKAGES = new File(JENKINSFILE.parentFile.parentFile, 'packages').listFiles()
        .findAll { new File(it, 'pyproject.toml').file }*.name.sort()
    static final String PLAN = '# Plan\n\nFSA-X-DownloadZip: update'

    /** A world in which everything works, nothing is unaffected and the plan has changes. */
    static Scenario green(Map<String, Object> params = [:]) {
        def environment = params.ENVIRONMENT ?: 'dev'
        return new Scenario(params: params, answers: [Approve: 'a.lead'])
            .on('nox -s affected', stdout: affected(PACKAGES))
            .on('nox -s test', writes: { String command -> [("build/junit/${command.split(' ').last()}.xml".toString()): '<testsuite/>'] })
            .on('nox -s build', writes: { String command -> [("build/lambda/python3.13/${command.split(' ').last()}.zip".toString()): 'zip'] })
            .on('nox -s local', writes: ['build/reports/run.md': '# Run'])
            .on('nox -s releases', stdout: '[{"release": "r8", "live": false}, {"release": "r7", "live": true}, {"release": "r6", "live": false}]')
            .on('nox -s plan', exit: 2, writes: plan(environment))
    }

    static Map<String, String> plan(String environment) {
        return [("build/plans/${environment}.json".toString()): '{"digest": "abc"}', ("build/plans/${environment}.md".toString()): PLAN,
            'build/lambda/python3.13/lambda-download-zip.zip': 'planned zip', 'build/requirements/x.txt': 'not stashed']
    }

    static String affected(List<String> names, boolean integration = true) {
        def packages = PACKAGES.collect { [name: it, affected: names.contains(it), reasons: []] }
        return JsonOutput.toJson([format: 1, since: 'origin/main', base: 'abc', packages: packages, gone: [],
            integration: [affected: integration, reasons: []], unclaimed: []])
    }

    static Build run(Scenario scenario) {
        return Run.of(JENKINSFILE, scenario).build
    }

    static Build run(Map<String, Object> params) {
        return run(green(params))
    }

    static List<String> cell(String name) {
        return ["nox -s lint -- ${name}", "nox -s types -- ${name}", "nox -s test -- ${name}",
            "nox -s exhaustive -- ${name}", "nox -s build -- --package ${name}"]*.toString()
    }

    static final List<String> FIRST = ['nox -s gate -- --since origin/main', 'nox -s affected -- --since origin/main --json',
        'nox -s lint -- ci', 'nox -s types -- ci', 'nox -s test -- ci']

    /** The commands after the checks. */
    static List<String> released(Build build) {
        return build.all('sh').findAll { it =~ /-s (plan|releases|deploy|run|invoke|rollback|configs)\b/ }
    }
}
