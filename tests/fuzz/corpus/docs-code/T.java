package a.b;

import x.y;

/** Doc. */
@Ann
public class T extends U {
    private int a;

    /** m */
    public void m(int x) {
        if (x) {
        }
    }

    void n() { }
}
