public class Add {
    public static int add(int a, int b) {
        return a + b;
    }
}
