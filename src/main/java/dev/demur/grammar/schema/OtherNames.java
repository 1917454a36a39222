package dev.demur.grammar.schema;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** Names in quotation marks that are none of some: a way along the tree of their characters that leaves it. */
final class OtherNames {

    private static final CodePoints PLAIN = CodePoints.of(0, 0x1F)
            .with(CodePoints.of('"', '"'))
            .with(CodePoints.of('\\', '\\'))
            .with(CodePoints.of(0x7F, 0x7F))
            .complement();

    private final Rules rules;
    private final Place place;
    private final String hint;
    private final Expression rest;

    OtherNames(Rules rules, Place place, String hint) {
        this.rules = rules;
        this.place = place;
        this.hint = hint;
        this.rest = Expression.sequence(
                Expression.repeated(PLAIN.inString(), 0, Expression.UNBOUNDED), Expression.literal("\""));
    }

    /** A character of the tree: those that may follow it, and whether a name ends there. */
    private static final class Node {
        private final TreeMap<Integer, Node> next = new TreeMap<>();
        private boolean ends;
    }

    /** Other names of at least one character, none of which needs an escape. */
    Expression of(List<String> names) {
        Node root = new Node();
        root.ends = true;
        for (String name : names) {
            if (name.codePoints().allMatch(JsonText::isPlain)) { // else it has an escape
                Node node = root;
                for (int c : name.codePoints().toArray()) {
                    node = node.next.computeIfAbsent(c, character -> new Node());
                }
                node.ends = true;
            }
        }
        return Expression.sequence(Expression.literal("\""), leaving(root));
    }

    /**
     * What leads away from this node's names. The tree is as deep as the longest name: a rule is made of each node, the last
     * ones first.
     */
    private Expression leaving(Node root) {
        List<Node> nodes = new ArrayList<>(List.of(root));
        for (int i = 0; i < nodes.size(); i++) {
            nodes.addAll(nodes.get(i).next.values());
        }
        Map<Node, Expression> ways = new IdentityHashMap<>();
        for (int i = nodes.size() - 1; i >= 0; i--) {
            Node node = nodes.get(i);
            CodePoints known = new CodePoints(List.of());
            List<Expression> all = new ArrayList<>();
            for (Map.Entry<Integer, Node> next : node.next.entrySet()) {
                known = known.with(CodePoints.of(next.getKey(), next.getKey()));
                all.add(Expression.sequence(
                        Expression.literal(Character.toString(next.getKey())),
                        Objects.requireNonNull(ways.get(next.getValue()))));
            }
            CodePoints others = PLAIN.complement().with(known).complement();
            all.add(Expression.sequence(others.inString(), rest));
            if (!node.ends) {
                all.add(Expression.literal("\""));
            }
            Expression way = Expression.alternatives(all);
            ways.put(node, i == 0 ? way : rules.add(hint + "-not", place, way));
        }
        return Objects.requireNonNull(ways.get(root));
    }
}
