package dev.demur.jinja;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A loop.
 *
 * @param target what each item is assigned to
 * @param iterable what it goes over
 * @param filter which items count; all for null
 * @param recursive whether its body may call it
 * @param body what is executed for each item
 * @param otherwise what is executed where there is no item
 * @param line where it begins
 */
record For(
        Target target,
        Expression iterable,
        @Nullable Expression filter,
        boolean recursive,
        List<Statement> body,
        List<Statement> otherwise,
        int line)
        implements Statement {

    @Override
    public Flow execute(Frame frame) {
        Value value = frame.evaluate(iterable);
        frame.run().at(line);
        return loop(frame, value, 0);
    }

    /** Goes over a value; {@code depth} is the number of calls of this loop around it. */
    Flow loop(Frame around, Value value, int depth) {
        List<Value> items = Iteration.over(around.run(), value);
        Loop loop = new Loop(this, around, filter == null ? items : filtered(around, items, filter), depth);
        boolean finished = false;
        while (loop.hasNext()) {
            around.run().steps(1);
            Frame frame = around.inner();
            frame.set("loop", loop);
            target.assign(frame, loop.next());
            Flow flow = frame.execute(body);
            finished |= flow == Flow.NEXT;
            if (flow == Flow.BREAK) {
                break;
            }
        }
        // As in jinja2, where an item that was left by break or continue is as good as none.
        return finished ? Flow.NEXT : around.inner().execute(otherwise);
    }

    private List<Value> filtered(Frame around, List<Value> items, Expression condition) {
        List<Value> filtered = new ArrayList<>();
        for (Value item : items) {
            Frame frame = around.inner();
            target.assign(frame, item);
            if (frame.evaluate(condition).truth()) {
                around.run().items(1);
                filtered.add(item);
            }
        }
        return filtered;
    }
}
