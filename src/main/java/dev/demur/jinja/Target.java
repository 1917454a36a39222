package dev.demur.jinja;

import java.util.List;

/** What a value is assigned to. */
interface Target {

    void assign(Frame frame, Value value);

    /** A variable. */
    record Variable(String name) implements Target {
        @Override
        public void assign(Frame frame, Value value) {
            frame.set(name, value);
        }
    }

    /** A name within a namespace. */
    record InNamespace(String namespace, String name) implements Target {
        @Override
        public void assign(Frame frame, Value value) {
            if (!(frame.get(namespace) instanceof Namespace names)) {
                throw Failure.value("only attributes of a namespace can be set, and '" + namespace + "' is none");
            }
            names.names().put(frame.run(), Text.of(name), value);
        }
    }

    /** Several targets, one for each item of the value. */
    record Several(List<Target> targets) implements Target {
        @Override
        public void assign(Frame frame, Value value) {
            List<Value> items = Iteration.over(frame.run(), value);
            if (items.size() != targets.size()) {
                throw Failure.value(targets.size() + " variables are set from " + items.size() + " values");
            }
            for (int i = 0; i < items.size(); i++) {
                targets.get(i).assign(frame, items.get(i));
            }
        }
    }
}
