public class Main {
    public static void main(String[] words) {
        System.out.println(Add.add(1, 2));
    }
}
