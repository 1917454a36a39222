package dev.demur.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A macro, which sees the variables that were there where it was defined. */
final class Macro implements Callable {

    /**
     * A parameter of a macro.
     *
     * @param name of the variable
     * @param otherwise its value where the call gives none
     */
    record Parameter(String name, @Nullable Expression otherwise) {}

    /**
     * What stands between a macro's tags.
     *
     * @param name of the macro
     * @param parameters in order
     * @param body its statements
     * @param uses the special variables that the body names: caller, varargs, kwargs
     */
    record Definition(String name, List<Parameter> parameters, List<Statement> body, List<String> uses) {}

    private final Definition definition;
    private final Frame around;

    Macro(Definition definition, Frame around) {
        this.definition = definition;
        this.around = around;
    }

    @Override
    public String name() {
        return definition.name();
    }

    @Override
    public String type() {
        return "Macro";
    }

    @Override
    public Value call(Run run, Arguments arguments) {
        TextBuilder out = new TextBuilder(run);
        Frame frame = around.inner(out);
        bind(run, frame, arguments);
        frame.execute(definition.body());
        return out.text();
    }

    private void bind(Run run, Frame frame, Arguments arguments) {
        List<Parameter> parameters = definition.parameters();
        List<Value> positional = arguments.positional();
        Map<String, Value> named = new LinkedHashMap<>(arguments.named());
        List<Parameter> missing = new ArrayList<>();
        for (int i = 0; i < parameters.size(); i++) {
            Parameter parameter = parameters.get(i);
            Value value = i < positional.size() ? positional.get(i) : named.remove(parameter.name());
            if (value != null) {
                frame.set(parameter.name(), value);
            } else {
                missing.add(parameter);
                frame.set(
                        parameter.name(),
                        new Undefined("the macro " + name() + " was called without '" + parameter.name() + "'"));
            }
        }
        special(run, frame, arguments, named);
        for (Parameter parameter : missing) {
            if (parameter.otherwise() != null) {
                frame.set(parameter.name(), frame.evaluate(parameter.otherwise()));
            }
        }
        int surplus = positional.size() - parameters.size();
        if (definition.uses().contains("varargs")) {
            frame.set(
                    "varargs",
                    Items.tuple(surplus > 0 ? positional.subList(parameters.size(), positional.size()) : List.of()));
        } else if (surplus > 0) {
            throw Failure.value("the macro " + name() + " takes at most " + parameters.size() + " arguments and got "
                    + positional.size());
        }
    }

    private void special(Run run, Frame frame, Arguments arguments, Map<String, Value> named) {
        if (definition.uses().contains("caller")) {
            Value caller = named.remove("caller");
            frame.set(
                    "caller",
                    caller == null ? new Undefined("the macro " + name() + " was called without a body") : caller);
        }
        if (definition.uses().contains("kwargs")) {
            frame.set("kwargs", new Arguments(name(), List.of(), named, arguments.names()).mapping(run));
        } else if (!named.isEmpty()) {
            throw Failure.value("the macro " + name() + " has no argument '"
                    + named.keySet().iterator().next() + "'");
        }
    }

    @Nullable
    Value attribute(String attribute) {
        return attribute.equals("name") ? Text.of(name()) : null;
    }
}
