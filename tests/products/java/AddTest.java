import static org.junit.jupiter.api.Assertions.*;
import org.junit.jupiter.api.Test;

class AddTest {
    @Test
    void small() {
        assertEquals(3, Add.add(1, 2));
    }

    @Test
    void nothing() {
        assertEquals(0, Add.add(0, 0));
    }
}
