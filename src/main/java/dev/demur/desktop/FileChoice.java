package dev.demur.desktop;

import java.awt.Component;
import java.io.File;
import java.nio.file.Path;
import javax.swing.JFileChooser;
import javax.swing.filechooser.FileNameExtensionFilter;
import org.jspecify.annotations.Nullable;

/** Has a person choose a file. */
interface FileChoice {

    /**
     * A file to read.
     *
     * @param title what for
     * @param kind the name of such files
     * @param folder where to begin; null: anywhere
     * @param endings what their names may end with, without the point
     * @return null: none was chosen
     */
    @Nullable
    Path open(Component parent, String title, String kind, @Nullable Path folder, String... endings);

    /**
     * A file to write; whether one that is there is replaced is not asked here.
     *
     * @param suggestion where it might go
     * @return null: none was chosen
     */
    @Nullable
    Path save(Component parent, String title, Path suggestion);

    /** The system's way: dialogs of Swing. */
    FileChoice DIALOGS = new FileChoice() {
        @Override
        public @Nullable Path open(
                Component parent, String title, String kind, @Nullable Path folder, String... endings) {
            JFileChooser chooser = new JFileChooser(folder == null ? null : folder.toFile());
            chooser.setDialogTitle(title);
            chooser.setFileFilter(new FileNameExtensionFilter(kind, endings));
            return chooser.showOpenDialog(parent) == JFileChooser.APPROVE_OPTION
                    ? path(chooser.getSelectedFile())
                    : null;
        }

        @Override
        public @Nullable Path save(Component parent, String title, Path suggestion) {
            JFileChooser chooser = new JFileChooser();
            chooser.setDialogTitle(title);
            chooser.setSelectedFile(suggestion.toFile());
            return chooser.showSaveDialog(parent) == JFileChooser.APPROVE_OPTION
                    ? path(chooser.getSelectedFile())
                    : null;
        }

        private @Nullable Path path(@Nullable File file) {
            return file == null ? null : file.toPath();
        }
    };
}
