package dev.demur.desktop.text;

import java.awt.BorderLayout;
import java.awt.Dimension;
import java.util.ArrayList;
import java.util.List;
import java.util.Vector;
import javax.swing.JPanel;
import javax.swing.JTable;
import javax.swing.table.DefaultTableModel;
import org.commonmark.ext.gfm.tables.TableCell;
import org.commonmark.ext.gfm.tables.TableRow;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Code;
import org.commonmark.node.CustomNode;
import org.commonmark.node.Node;
import org.commonmark.node.SoftLineBreak;
import org.commonmark.node.Text;

/** A table of a Markdown text. */
final class TablePane {

    private TablePane() {}

    static JPanel of(Piece piece, MarkdownView.Words words) {
        List<Vector<String>> rows = new ArrayList<>();
        Piece.parse(piece.text()).accept(new AbstractVisitor() {
            @Override
            public void visit(CustomNode node) {
                if (node instanceof TableRow) {
                    rows.add(new Vector<>());
                }
                if (node instanceof TableCell && !rows.isEmpty()) {
                    rows.get(rows.size() - 1).add(text(node));
                } else {
                    visitChildren(node);
                }
            }
        });
        Vector<String> head = rows.isEmpty() ? new Vector<>() : rows.remove(0);
        JTable table = new JTable(new DefaultTableModel(new Vector<>(rows), head)) {
            @Override
            public boolean isCellEditable(int row, int column) {
                return false;
            }
        };
        table.setRowSelectionAllowed(true);
        table.getAccessibleContext().setAccessibleName(words.table());
        table.setPreferredScrollableViewportSize(new Dimension(400, table.getRowHeight() * rows.size()));
        JPanel panel = new JPanel(new BorderLayout());
        panel.setOpaque(false);
        panel.add(table.getTableHeader(), BorderLayout.NORTH);
        panel.add(table, BorderLayout.CENTER);
        return panel;
    }

    private static String text(Node cell) {
        StringBuilder text = new StringBuilder();
        cell.accept(new AbstractVisitor() {
            @Override
            public void visit(Text node) {
                text.append(node.getLiteral());
            }

            @Override
            public void visit(Code node) {
                text.append(node.getLiteral());
            }

            @Override
            public void visit(SoftLineBreak node) {
                text.append(' ');
            }
        });
        return text.toString();
    }
}
