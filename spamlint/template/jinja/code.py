"""The Python code that templates become: all output has its place, and a value that fails costs only itself."""

from __future__ import annotations

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame

from spamlint.template.jinja.places import place_of


class PlacedCode(CodeGenerator):
    """Code that puts out pieces with their places; a value that cannot be worked out is noted and puts out nothing."""

    def visit_Output(self, node: nodes.Output, frame: Frame) -> None:
        """One text or one value, as `places` leaves them."""
        if frame.require_output_check:
            if self.has_known_extends:
                return
            self.writeline("if parent_template is None:")
            self.indent()
        (child,) = node.nodes
        file, start, length = place_of(node)
        if isinstance(child, nodes.TemplateData):
            self._begin(node, frame)
            self.write(f"environment.static_piece({file}, {start}, {child.data!r})")
            self._end(frame)
        else:
            self._guarded(node, child, frame, f"{file}, {start}, {length}")
        if frame.require_output_check:
            self.outdent()

    def _guarded(self, node: nodes.Output, child: nodes.Expr, frame: Frame, place: str) -> None:
        finalize = self._make_finalize()
        self.writeline("try:")
        self.indent()
        self._begin(node, frame)
        self._output_child_pre(child, frame, finalize)
        self.write(f"environment.value_piece({place}, ")
        self.visit(child, frame)
        self.write(")")
        self._output_child_post(child, frame, finalize)
        self._end(frame)
        self.outdent()
        self.writeline("except environment.failures as failure:")
        self.indent()
        self.writeline(f"environment.failed(failure, ({place}))")
        self.outdent()

    def _begin(self, node: nodes.Output, frame: Frame) -> None:
        self.writeline("yield " if frame.buffer is None else f"{frame.buffer}.append(", node)

    def _end(self, frame: Frame) -> None:
        if frame.buffer is not None:
            self.write(")")
