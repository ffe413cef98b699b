package harness

import org.codehaus.groovy.ast.CodeVisitorSupport
import org.codehaus.groovy.ast.expr.ClosureExpression
import org.codehaus.groovy.ast.expr.ConstantExpression
import org.codehaus.groovy.ast.expr.Expression
import org.codehaus.groovy.ast.expr.MethodCallExpression
import org.codehaus.groovy.ast.expr.TupleExpression
import org.codehaus.groovy.ast.stmt.BlockStatement
import org.codehaus.groovy.ast.stmt.ExpressionStatement
import org.codehaus.groovy.ast.stmt.Statement
import org.codehaus.groovy.control.SourceUnit

/** What Jenkins checks on the text of a declarative pipeline before it runs and a closure cannot show any more. */
class Rules extends CodeVisitorSupport {
    static final Set<String> OF_STEPS = (['steps'] + Post.ORDER) as Set
    static final Set<String> CONSTANT = ['name', 'values', 'stage'] as Set
    final List<String> problems = []

    static List<String> problemsOf(String text) {
        def source = SourceUnit.create('Jenkinsfile', text)
        source.parse()
        source.completePhase()
        source.nextPhase()
        source.convert()
        def pipelines = source.AST.statementBlock.statements.findAll { callOf(it)?.methodAsString == 'pipeline' }
        if (pipelines.size() != 1) {
            return ["${pipelines.size()} pipeline blocks, wanted is one".toString()]
        }
        def rules = new Rules()
        pipelines[0].visit(rules)
        return rules.problems
    }

    @Override
    void visitMethodCallExpression(MethodCallExpression call) {
        def name = call.methodAsString
        def body = bodyOf(call)
        if (OF_STEPS.contains(name) && body) {
            statements(body).each { checkStep(it) }
            return // what a step holds is Groovy
        }
        if (name == 'expression' || name == 'environment') {
            return
        }
        if (CONSTANT.contains(name)) {
            arguments(call).findAll { !(it instanceof ConstantExpression || it instanceof ClosureExpression) }.each {
                problems << "line ${it.lineNumber}: ${name} takes constants, got ${it.text}".toString()
            }
        }
        if (body) {
            statements(body).findAll { !callOf(it) }.each {
                problems << "line ${it.lineNumber}: ${name} holds directives, not statements".toString()
            }
        }
        super.visitMethodCallExpression(call)
    }

    private void checkStep(Statement statement) {
        if (!callOf(statement)) {
            problems << "line ${statement.lineNumber}: only steps may stand here, put Groovy into script".toString()
        }
    }

    private static MethodCallExpression callOf(Statement statement) {
        def expression = statement instanceof ExpressionStatement ? statement.expression : null
        return expression instanceof MethodCallExpression && expression.implicitThis ? expression : null
    }

    private static List<Expression> arguments(MethodCallExpression call) {
        return call.arguments instanceof TupleExpression ? call.arguments.expressions : [call.arguments]
    }

    private static Statement bodyOf(MethodCallExpression call) {
        def last = arguments(call) ? arguments(call).last() : null
        return last instanceof ClosureExpression ? last.code : null
    }

    private static List<Statement> statements(Statement body) {
        return body instanceof BlockStatement ? body.statements : [body]
    }
}
